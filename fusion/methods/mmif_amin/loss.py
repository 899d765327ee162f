"""The adaptive loss: how much each source counts is read off the sources themselves.

    L = Σ_i α_i (1 − SSIM(fused, I_i)) − Σ_i β_i RMI(fused, I_i),   i = the two luminances,

α_i is I_i's average gradient and β_i its entropy, as they are, on gray levels 0 to 255: both are
then of a few units. The paper names no range; on [0,1] the average gradient would be a hundredth
of the entropy. It names no normalisation either. Divided by their sum over the two sources, which
is an option here, every crop counts the same; as they are, a crop with much structure is learnt
from faster than a calm one, and a black one not at all.
"""

import torch
from kornia.metrics import ssim
from torch import Tensor

from fusion.methods.mmif_amin.rmi import region_mutual_information

Weights = tuple[float, float]
"""Of the first and the second source."""


def average_gradient(image: Tensor) -> Tensor:
    """Mean of √(Δx² + Δy²) over forward differences, gray levels; (N,1,H,W) in [0,1] to (N,)."""
    dx = image[..., :-1, 1:] - image[..., :-1, :-1]
    dy = image[..., 1:, :-1] - image[..., :-1, :-1]
    return 255 * torch.sqrt(dx**2 + dy**2).mean(dim=(1, 2, 3))


def entropy(image: Tensor) -> Tensor:
    """Shannon entropy of the 256 gray levels, bits; (N,1,H,W) in [0,1] to (N,)."""
    levels = (image * 255).round().clamp(0, 255).long().flatten(1)
    counts = torch.zeros(len(image), 256, device=image.device)
    counts.scatter_add_(1, levels, torch.ones_like(levels, dtype=counts.dtype))
    return torch.special.entr(counts / levels.shape[1]).sum(dim=1) / torch.log(torch.tensor(2.0))


def weights_of(
    measures: tuple[Tensor, Tensor], fixed: Weights | None, normalise: bool
) -> tuple[Tensor, Tensor]:
    """Weights of two sources, (N,) each.

    Args:
        measures: of the sources, at least 0.
        fixed: weights instead of the measures.
        normalise: divide the measures by their sum; both are one half where it is 0.
    """
    first, second = measures
    if fixed is not None:
        return torch.full_like(first, fixed[0]), torch.full_like(second, fixed[1])
    if not normalise:
        return first, second
    total = first + second
    share = torch.where(total > 0, first / total.clamp_min(1e-12), torch.full_like(total, 0.5))
    return share, 1 - share


def _dissimilarity(source: Tensor, fused: Tensor) -> Tensor:
    """1 − SSIM over the 11×11 Gaussian windows that lie inside the image; (N,)."""
    return 1 - ssim(source, fused, window_size=11, padding="valid").mean(dim=(1, 2, 3))


def adaptive_loss(
    first: Tensor,
    second: Tensor,
    fused: Tensor,
    alpha: Weights | None = None,
    beta: Weights | None = None,
    normalise: bool = False,
) -> dict[str, Tensor]:
    """The loss above, as its two terms.

    Args:
        first: (N,1,H,W) luminance of the first source in [0,1]; H and W at least 11.
        second: of the second source.
        fused: fused luminance.
        alpha: fixed weights of the sources in the SSIM term; None is adaptive.
        beta: the same for the RMI term.
        normalise: divide adaptive weights by their sum over the two sources.

    Returns:
        `ssim` and `rmi`, scalars averaged over the batch; the latter is at most 0.
    """
    with torch.no_grad():
        gradients = average_gradient(first), average_gradient(second)
        a = weights_of(gradients, alpha, normalise)
        b = weights_of((entropy(first), entropy(second)), beta, normalise)
    difference = a[0] * _dissimilarity(first, fused) + a[1] * _dissimilarity(second, fused)
    rmi = b[0] * region_mutual_information(first, fused)
    rmi = rmi + b[1] * region_mutual_information(second, fused)
    return {"ssim": difference.mean(), "rmi": -rmi.mean().to(difference.dtype)}

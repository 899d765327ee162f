"""The adaptive loss: how much each source counts is read off the sources themselves.

    L = Σ_i α_i (1 − SSIM(fused, I_i)) − Σ_i β_i RMI(fused, I_i),   i = the two luminances,

α_i is I_i's average gradient and β_i its entropy. Both are divided by their sum over the two
sources: raw, the average gradient is of order 0.05 and the entropy of order 5, and a noisy crop
would be learnt from faster than a calm one. The paper leaves the normalisation open.
"""

import torch
from kornia.metrics import ssim
from torch import Tensor

from fusion.methods.mmif_amin.rmi import region_mutual_information


def average_gradient(image: Tensor) -> Tensor:
    """Mean of sqrt((Δx² + Δy²)/2) over forward differences; (N,1,H,W) to (N,)."""
    dx = image[..., :-1, 1:] - image[..., :-1, :-1]
    dy = image[..., 1:, :-1] - image[..., :-1, :-1]
    return torch.sqrt((dx**2 + dy**2) / 2).mean(dim=(1, 2, 3))


def entropy(image: Tensor) -> Tensor:
    """Shannon entropy of the 256 gray levels, bits; (N,1,H,W) in [0,1] to (N,)."""
    levels = (image * 255).round().clamp(0, 255).long().flatten(1)
    counts = torch.zeros(len(image), 256, device=image.device)
    counts.scatter_add_(1, levels, torch.ones_like(levels, dtype=counts.dtype))
    return torch.special.entr(counts / levels.shape[1]).sum(dim=1) / torch.log(torch.tensor(2.0))


def first_share(first: Tensor, second: Tensor) -> Tensor:
    """The first's share of the sum, one half where both are 0; (N,), in [0,1]."""
    total = first + second
    return torch.where(total > 0, first / total.clamp_min(1e-12), torch.full_like(total, 0.5))


def _dissimilarity(source: Tensor, fused: Tensor) -> Tensor:
    """1 − SSIM over the 11×11 Gaussian windows that lie inside the image; (N,)."""
    return 1 - ssim(source, fused, window_size=11, padding="valid").mean(dim=(1, 2, 3))


def adaptive_loss(
    first: Tensor,
    second: Tensor,
    fused: Tensor,
    alpha: float | None = None,
    beta: float | None = None,
) -> dict[str, Tensor]:
    """The loss above, as its two terms.

    Args:
        first: (N,1,H,W) luminance of the first source in [0,1]; H and W at least 11.
        second: of the second source.
        fused: fused luminance.
        alpha: fixed share of the first source in the SSIM term, in [0,1]; None is adaptive.
        beta: the same for the RMI term.

    Returns:
        `ssim` and `rmi`, scalars averaged over the batch; the latter is at most 0.
    """
    with torch.no_grad():
        a = first_share(average_gradient(first), average_gradient(second))
        b = first_share(entropy(first), entropy(second))
        a = a if alpha is None else torch.full_like(a, alpha)
        b = b if beta is None else torch.full_like(b, beta)
    difference = a * _dissimilarity(first, fused) + (1 - a) * _dissimilarity(second, fused)
    rmi = b * region_mutual_information(first, fused)
    rmi = rmi + (1 - b) * region_mutual_information(second, fused)
    return {"ssim": difference.mean(), "rmi": -rmi.mean().to(difference.dtype)}

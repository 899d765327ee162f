"""The loss of LKC-FUNet, equations (8) to (11): structure, intensity and gradient.

Equal to the authors' training code: SSIM to both sources with equal shares, the two others
against the element-wise maximum of the sources. All images are luminance.
"""

import torch
from kornia.metrics import ssim
from torch import Tensor
from torch.nn import functional


def ssim_loss(fused: Tensor, vis: Tensor, ir: Tensor) -> Tensor:
    """1 − ½·SSIM(fused, vis) − ½·SSIM(fused, ir).

    SSIM as Wang et al. 2004: Gaussian window of 11 pixels and σ 1.5, data range 1, mean over the
    windows that lie inside the image.

    Args:
        fused: (N,1,H,W) float, H and W at least 11.
        vis: luminance of VIS, same shape, in [0,1].
        ir: same shape, in [0,1].

    Returns:
        Scalar in [0,2], 0 where all three are equal.
    """
    to_vis = ssim(fused, vis, window_size=11, max_val=1.0, padding="valid").mean()
    to_ir = ssim(fused, ir, window_size=11, max_val=1.0, padding="valid").mean()
    return 1 - 0.5 * to_vis - 0.5 * to_ir


def intensity_loss(fused: Tensor, vis: Tensor, ir: Tensor) -> Tensor:
    """Mean |fused − max(vis, ir)|. Arguments as `ssim_loss`, any size. Scalar ≥ 0."""
    return functional.l1_loss(fused, torch.maximum(vis, ir))


def sobel(image: Tensor) -> Tensor:
    """|∂x| + |∂y| by Sobel's 3×3 kernels, not normalised; outside the image is 0.

    Args:
        image: (N,1,H,W) float.

    Returns:
        Same shape, ≥ 0.
    """
    across = image.new_tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    kernels = torch.stack((across, across.T))[:, None]
    return functional.conv2d(image, kernels, padding=1).abs().sum(dim=1, keepdim=True)


def gradient_loss(fused: Tensor, vis: Tensor, ir: Tensor) -> Tensor:
    """Mean |∇fused − max(∇vis, ∇ir)| with ∇ as `sobel`. Arguments as `ssim_loss`. Scalar ≥ 0."""
    return functional.l1_loss(sobel(fused), torch.maximum(sobel(vis), sobel(ir)))


def fusion_losses(
    fused: Tensor,
    vis: Tensor,
    ir: Tensor,
    weights: tuple[float, float, float] = (1.0, 1.0, 1.0),
) -> dict[str, Tensor]:
    """The weighted terms, whose sum is the total loss of equation (8).

    Args:
        fused: fused luminance (N,1,H,W), not clamped; H and W at least 11.
        vis: luminance of VIS, same shape, in [0,1].
        ir: same shape, in [0,1].
        weights: of `ssim`, `intensity` and `gradient`; 1 each in the paper.

    Returns:
        Scalars `ssim`, `intensity`, `gradient`.
    """
    terms = {"ssim": ssim_loss, "intensity": intensity_loss, "gradient": gradient_loss}
    return {
        name: weight * term(fused, vis, ir)
        for weight, (name, term) in zip(weights, terms.items(), strict=True)
    }

"""The loss of LKC-FUNet lite: that of LKC-FUNet with edges raised, and three terms more.

SSIM and intensity are those of LKC-FUNet's equations (9) and (10). The gradient follows the
stronger edge of the two sources as equation (11) does, but in its direction, and times `gain`: a
network of few weights blurs a little, and a loss that stops at the sources lets it. What the
fused image adds to one source shall be the other (`correlation`, as the metric SCD has it), its
contrast shall not fall behind that of the maximum of the sources (`contrast`), and it shall stay
within [0,1].
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from fusion.learning.losses import intensity_loss, ssim_loss


@dataclass(frozen=True)
class LiteWeights:
    """Weights of the terms, and two factors in them.

    Attributes:
        ssim: weight of 1 − mean SSIM to both sources.
        intensity: weight of the distance to the maximum of the sources.
        gradient: weight of the distance to the stronger gradient, times `gain`.
        gain: how much stronger edges shall be than the sources' stronger one.
        correlation: weight of `correlation_loss`.
        contrast: weight of `contrast_loss`.
        spread: how much more contrast than the maximum of the sources, see `contrast_loss`.
    """

    ssim: float = 1.6
    intensity: float = 1.0
    gradient: float = 1.5
    gain: float = 1.25
    correlation: float = 0.04
    contrast: float = 3.0
    spread: float = 1.1


def _slopes(image: Tensor) -> Tensor:
    """∂x and ∂y by Sobel's kernels: (N,1,H,W) to (N,2,H−2,W−2)."""
    across = image.new_tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    return functional.conv2d(image, torch.stack((across, across.T))[:, None])


def gradient_loss(fused: Tensor, vis: Tensor, ir: Tensor, gain: float) -> Tensor:
    """Mean |∇fused − gain·∇s| summed over x and y, s at each pixel the source of the stronger edge.

    With the direction of the edge, not its strength alone: fused edges lie where the source's do.
    """
    of_vis, of_ir = _slopes(vis), _slopes(ir)
    strength = [one.abs().sum(dim=1, keepdim=True) for one in (of_vis, of_ir)]
    wanted = gain * torch.where(strength[0] >= strength[1], of_vis, of_ir)
    return (_slopes(fused) - wanted).abs().sum(dim=1).mean()


def _correlation(a: Tensor, b: Tensor) -> Tensor:
    """Pearson's r of (N,1,H,W) images, (N,); 0 where one of them is flat."""
    a, b = (one - one.mean(dim=(1, 2, 3), keepdim=True) for one in (a, b))
    scale = ((a * a).sum(dim=(1, 2, 3)) * (b * b).sum(dim=(1, 2, 3)) + 1e-3).sqrt()
    return (a * b).sum(dim=(1, 2, 3)) / scale


def correlation_loss(fused: Tensor, vis: Tensor, ir: Tensor) -> Tensor:
    """2 − SCD: r(fused − vis, ir) and r(fused − ir, vis) shall be 1. Scalar in [0,4]."""
    return (2 - _correlation(fused - vis, ir) - _correlation(fused - ir, vis)).mean()


def contrast_loss(fused: Tensor, vis: Tensor, ir: Tensor, spread: float) -> Tensor:
    """How far the standard deviation is below `spread` times that of max(vis, ir). Scalar ≥ 0.

    The fused image counts as it will be shown: clipped, without stopping the gradient.
    """
    shown = fused + (fused.clamp(0, 1) - fused).detach()
    wanted = spread * torch.maximum(vis, ir).std(dim=(1, 2, 3))
    return functional.relu(wanted - shown.std(dim=(1, 2, 3))).mean()


def range_loss(fused: Tensor) -> Tensor:
    """Mean distance to [0,1]. Scalar ≥ 0."""
    return (fused - fused.clamp(0, 1)).abs().mean()


def lite_losses(fused: Tensor, vis: Tensor, ir: Tensor, weights: LiteWeights) -> dict[str, Tensor]:
    """The weighted terms, whose sum is the loss.

    Args:
        fused: fused luminance (N,1,H,W), not clamped; H and W at least 11.
        vis: luminance of VIS, same shape, in [0,1].
        ir: same shape, in [0,1].
        weights: of the terms.

    Returns:
        Scalars `ssim`, `intensity`, `gradient`, `correlation`, `contrast`, `range`.
    """
    return {
        "ssim": weights.ssim * ssim_loss(fused, vis, ir),
        "intensity": weights.intensity * intensity_loss(fused, vis, ir),
        "gradient": weights.gradient * gradient_loss(fused, vis, ir, weights.gain),
        "correlation": weights.correlation * correlation_loss(fused, vis, ir),
        "contrast": weights.contrast * contrast_loss(fused, vis, ir, weights.spread),
        "range": range_loss(fused),
    }

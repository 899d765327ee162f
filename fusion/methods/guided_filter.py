"""Two scales, weighted by saliency that a guided filter aligns with the image.

S. Li, X. Kang and J. Hu, "Image Fusion with Guided Filtering", IEEE Transactions on Image
Processing 22(7), 2013; the filter: K. He, J. Sun and X. Tang, "Guided Image Filtering", IEEE
TPAMI 35(6), 2013. Borders are replicated throughout, as in Li's program.
"""

from typing import Annotated

import cv2
import numpy as np
from pydantic import Field

from fusion.methods.base.luminance import Gray, array_method
from fusion.methods.base.registry import Method, register

Radius = Annotated[int, Field(ge=1, le=200)]
Regularisation = Annotated[float, Field(gt=0, le=10)]


@register("guided_filter")
def guided_filter(
    average_side: Annotated[int, Field(ge=3, le=201)] = 31,
    base_radius: Radius = 45,
    base_eps: Regularisation = 0.3,
    detail_radius: Radius = 7,
    detail_eps: Regularisation = 1e-6,
) -> Method:
    """Base layers blend with smooth weights, detail layers with sharp ones (equations 7 to 17).

    Where VIS is saturated it has no saliency, so IR's noise wins and darkens the base: known of
    the method on daylight scenes, and left as published.

    Args:
        average_side: side of the average filter that splits base and detail, pixels.
        base_radius: r₁ of the guided filter of the base weights, pixels.
        base_eps: ε₁, in units of squared luminance in [0,1].
        detail_radius: r₂, of the detail weights.
        detail_eps: ε₂.
    """

    def fuse_gray(ir: Gray, y: Gray) -> Gray:
        chosen = (saliency(ir) > saliency(y)).astype(np.float64)
        base_ir, base_y = _mean(ir, average_side), _mean(y, average_side)
        base_weight = _ir_share(ir, y, chosen, base_radius, base_eps)
        detail_weight = _ir_share(ir, y, chosen, detail_radius, detail_eps)
        base = base_weight * base_ir + (1 - base_weight) * base_y
        detail = detail_weight * (ir - base_ir) + (1 - detail_weight) * (y - base_y)
        return base + detail

    return array_method(fuse_gray)


def saliency(image: Gray) -> Gray:
    """Magnitude of the Laplacian, smoothed by an 11x11 Gaussian of σ = 5 (equations 9 and 10)."""
    high_pass = np.abs(cv2.Laplacian(image, cv2.CV_64F, borderType=cv2.BORDER_REPLICATE))
    smooth = cv2.GaussianBlur(high_pass, (11, 11), 5, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(smooth, dtype=np.float64)


def filter_guided(guide: Gray, image: Gray, radius: int, eps: float) -> Gray:
    """He's guided filter of (H,W) `image` by the gray `guide`, window side 2·radius + 1."""
    side = 2 * radius + 1
    mean_guide, mean_image = _mean(guide, side), _mean(image, side)
    variance = _mean(guide * guide, side) - mean_guide**2
    slope = (_mean(guide * image, side) - mean_guide * mean_image) / (variance + eps)
    offset = mean_image - slope * mean_guide
    return _mean(slope, side) * guide + _mean(offset, side)


def _ir_share(ir: Gray, y: Gray, chosen: Gray, radius: int, eps: float) -> Gray:
    """Weight of IR in [0,1]; that of VIS is the rest (equations 12 to 15, normalised)."""
    ir_weight = filter_guided(ir, chosen, radius, eps).clip(0, 1)
    y_weight = filter_guided(y, 1 - chosen, radius, eps).clip(0, 1)
    total = ir_weight + y_weight
    # Both clipped to 0: no preference.
    return np.divide(ir_weight, total, out=np.full_like(total, 0.5), where=total > 0)


def _mean(image: Gray, side: int) -> Gray:
    mean = cv2.blur(image, (side, side), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(mean, dtype=np.float64)

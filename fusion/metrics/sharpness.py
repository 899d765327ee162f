"""How much detail the fused image has by itself: AG and SF.

Both are means over pixels in convention `evaluator` and sums over another count in `paper`.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from fusion.metrics.image import Float32, Image, float32


def _central_difference(levels: NDArray[np.uint8], axis: int) -> Float32:
    """`numpy.gradient` along an axis: central inside, one-sided at the border."""
    dx, dy = (1, 0) if axis == 1 else (0, 1)
    gradient = float32(
        cv2.Sobel(levels, cv2.CV_32F, dx, dy, ksize=1, scale=0.5, borderType=cv2.BORDER_REPLICATE)
    )
    border = (slice(None), [0, -1]) if axis == 1 else ([0, -1], slice(None))
    gradient[border] *= 2  # there the neighbours are one pixel apart, not two
    return gradient


def ag(fused: Image, convention: str = "evaluator") -> float:
    """AG, average gradient: the mean of sqrt((gx² + gy²) / 2), gray levels a pixel.

    Cui et al., "Detail preserved fusion of visible and infrared images using regional saliency
    extraction and multi-scale image decomposition", Optics Communications 2015. `paper` divides
    the sum by (M - 1)(N - 1) instead of M N.
    """
    gx, gy = (_central_difference(fused.levels, axis) for axis in (1, 0))
    total = float(np.sum(np.sqrt((gx * gx + gy * gy) / 2), dtype=np.float64))
    height, width = fused.shape
    return total / (fused.pixels.size if convention == "evaluator" else (height - 1) * (width - 1))


def sf(fused: Image, convention: str = "evaluator") -> float:
    """SF, spatial frequency: sqrt(RF² + CF²) of differences between neighbours, gray levels.

    Eskicioglu and Fisher, "Image quality measures and their performance", IEEE Trans. Commun.
    1995. `evaluator` takes RF² and CF² as means over the differences there are, `paper` as sums
    over M N pixels.
    """
    levels, squares = fused.levels, 0.0
    for one, next_one in ((levels[:, :-1], levels[:, 1:]), (levels[:-1], levels[1:])):
        count = one.size if convention == "evaluator" else levels.size
        squares += cv2.norm(one, next_one, cv2.NORM_L2SQR) / count
    return math.sqrt(squares)

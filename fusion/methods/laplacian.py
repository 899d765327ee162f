"""Laplacian pyramid: every band-pass coefficient comes from the source where it is stronger.

P. J. Burt and E. H. Adelson, "The Laplacian Pyramid as a Compact Image Code", IEEE Transactions
on Communications 31(4), 1983; fusion by choosing the larger coefficient: P. J. Burt and R. J.
Kolczynski, "Enhanced Image Capture through Fusion", ICCV 1993 (its match measure left out).
"""

from typing import Annotated

import cv2
import numpy as np
from pydantic import Field

from fusion.methods.base.luminance import Gray, array_method
from fusion.methods.base.registry import Method, register


@register("laplacian")
def laplacian(levels: Annotated[int, Field(ge=1, le=12)] = 4) -> Method:
    """Choose the larger coefficient of each band, average the low-pass rest.

    Args:
        levels: band-pass levels; fewer are used once a side has come down to one pixel.
    """

    def fuse_gray(ir: Gray, y: Gray) -> Gray:
        *ir_bands, ir_base = decompose(ir, levels)
        *y_bands, y_base = decompose(y, levels)
        bands = [
            np.where(np.abs(i) > np.abs(v), i, v) for i, v in zip(ir_bands, y_bands, strict=True)
        ]
        return reconstruct([*bands, (ir_base + y_base) / 2])

    return array_method(fuse_gray)


def decompose(image: Gray, levels: int) -> list[Gray]:
    """The pyramid of (H,W) `image`: band-pass levels from fine to coarse, then the low-pass."""
    bands = []
    for _ in range(levels):
        if min(image.shape) == 1:
            break
        smaller = np.asarray(cv2.pyrDown(image), dtype=np.float64)
        bands.append(image - _expand(smaller, image.shape))
        image = smaller
    return [*bands, image]


def reconstruct(pyramid: list[Gray]) -> Gray:
    """The image whose `decompose` is `pyramid`."""
    *bands, image = pyramid
    for band in reversed(bands):
        image = band + _expand(image, band.shape)
    return image


def _expand(image: Gray, shape: tuple[int, ...]) -> Gray:
    height, width = shape
    return np.asarray(cv2.pyrUp(image, dstsize=(width, height)), dtype=np.float64)

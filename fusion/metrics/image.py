"""What metrics see of an image: its 8-bit luminance, and terms computed from it once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.stage.errors import UserError

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Term = TypeVar("Term")


def float32(values: ArrayLike) -> Float32:
    """OpenCV's result with its true type; no copy."""
    return np.asarray(values, np.float32)


def luminance(pixels: ArrayLike, role: str = "image") -> NDArray[np.uint8]:
    """Luminance of an image as the field's evaluation script reads it.

    Args:
        pixels: (H, W) luminance or (H, W, 3) RGB, values in [0, 255]. RGB becomes
            0.299 R + 0.587 G + 0.114 B (OpenCV's gray); fractions are rounded to 8 bit.
        role: what the image is called in errors.

    Returns:
        (H, W) uint8.

    Raises:
        UserError: another shape, or values that are not in [0, 255].
    """
    array = np.asarray(pixels)
    if array.ndim not in (2, 3) or array.shape[2:] not in ((), (3,)) or array.size == 0:
        raise UserError(f"{role}: shape {array.shape}; allowed are (H, W) and (H, W, 3)")
    if array.dtype != np.uint8:
        array = array.astype(np.float32)
        # Written so that NaN fails too.
        if not (array.min() >= 0 and array.max() <= 255):
            raise UserError(
                f"{role}: values from {array.min():g} to {array.max():g}; allowed are 0 to 255"
            )
    if array.ndim == 3:
        # In float as the script does it: OpenCV's 8-bit path rounds some ties the other way.
        array = cv2.cvtColor(np.ascontiguousarray(array, np.float32), cv2.COLOR_RGB2GRAY)
    return np.rint(array).astype(np.uint8) if array.dtype != np.uint8 else array


class Image:
    """One image and the terms that metrics have asked of it so far.

    Attributes:
        levels: (H, W) uint8 luminance.
        pixels: the same as float64 in [0, 255].
    """

    def __init__(self, pixels: ArrayLike, role: str = "image"):
        self.levels = np.ascontiguousarray(luminance(pixels, role))
        self.pixels: Float = self.levels.astype(np.float64)
        self._terms: dict[Callable[[Image], Any], Any] = {}

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        height, width = self.levels.shape
        return height, width

    def term(self, compute: Callable[[Image], Term]) -> Term:
        """`compute(self)`, computed on the first call and remembered."""
        if compute not in self._terms:
            self._terms[compute] = compute(self)
        term: Term = self._terms[compute]
        return term

"""Mean and standard deviation of an input's channels, for normalisation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from pipeline.images.pixels import Uint8


@dataclass(frozen=True)
class Statistics:
    """Of one input, over the pixels of its train split.

    Attributes:
        mean: of R, G, B, for values in [0,1].
        std: of R, G, B, at least 1/255, which a constant channel gets.
    """

    mean: tuple[float, float, float]
    std: tuple[float, float, float]


def measure(images: Iterable[Uint8]) -> Statistics:
    """Statistics of (H,W,3) uint8 images, every pixel counting once.

    Sums are of integers, so the result does not depend on the images' order.
    """
    count = 0
    total = np.zeros(3, dtype=np.int64)
    squares = np.zeros(3, dtype=np.int64)
    for image in images:
        for channel in range(3):
            histogram = np.bincount(image[..., channel].ravel(), minlength=256)
            total[channel] += histogram @ np.arange(256)
            squares[channel] += histogram @ np.arange(256) ** 2
        count += image.shape[0] * image.shape[1]
    mean = total / count
    std = np.sqrt(np.maximum(squares / count - mean**2, 1.0))
    r, g, b = (float(value) for value in mean / 255)
    r_std, g_std, b_std = (float(value) for value in std / 255)
    return Statistics((r, g, b), (r_std, g_std, b_std))

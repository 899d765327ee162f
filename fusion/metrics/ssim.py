"""SSIM of the fused image and either source."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import ArrayLike

from fusion.metrics.image import Float32, Image, float32

_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


_MIDDLE = 128


def _centred(image: Image) -> Float32:
    """Pixels around 0: squares stay small enough for float32, half the memory of float64."""
    return image.levels.astype(np.float32) - _MIDDLE


class Local(NamedTuple):
    """Mean, less 128, and variance in the window around each pixel that has a whole one."""

    mean: Float32
    variance: Float32


@dataclass(frozen=True)
class Window:
    """A moving window.

    Attributes:
        radius: half of its side; only windows wholly inside the image count.
        smooth: weighted mean in the window around each pixel.
        unbiased: factor from the population (co)variance to the one used.
    """

    radius: int
    smooth: Callable[[Float32], ArrayLike]
    unbiased: float

    def average(self, values: Float32) -> Float32:
        """Weighted means of the whole windows of `values`."""
        r = self.radius
        return float32(self.smooth(values))[r:-r, r:-r]

    def local(self, image: Image) -> Local:
        """Local mean and variance of an image."""
        pixels = image.term(_centred)
        mean = self.average(pixels)
        variance = self.average(pixels * pixels) - mean * mean
        return Local(mean, np.float32(self.unbiased) * variance)


_GAUSS = cv2.getGaussianKernel(11, 1.5, cv2.CV_32F)

WINDOWS = {
    # scikit-image's defaults: uniform, sample covariance.
    "evaluator": Window(3, lambda values: cv2.blur(values, (7, 7)), 49 / 48),
    # Wang et al.'s own code: Gaussian, population covariance.
    "paper": Window(5, lambda values: cv2.sepFilter2D(values, -1, _GAUSS, _GAUSS), 1.0),
}


def _ssim(source: Image, fused: Image, window: Window) -> float:
    """Equation (13) of Wang et al. 2004, K1 = 0.01, K2 = 0.03, averaged over the windows."""
    a, f = source.term(window.local), fused.term(window.local)
    covariance = window.average(source.term(_centred) * fused.term(_centred)) - a.mean * f.mean
    mean_a, mean_f = a.mean + _MIDDLE, f.mean + _MIDDLE
    above = (2 * mean_a * mean_f + _C1) * (2 * window.unbiased * covariance + _C2)
    below = (mean_a * mean_a + mean_f * mean_f + _C1) * (a.variance + f.variance + _C2)
    return float(np.mean(above / below, dtype=np.float64))


def ssim(fused: Image, ir: Image, vis: Image, convention: str = "evaluator") -> float:
    """SSIM, mean of SSIM(IR, F) and SSIM(VIS, F), in [-1, 1], data range 255.

    Wang et al., "Image quality assessment: from error visibility to structural similarity", IEEE
    Trans. Image Process. 2004. `evaluator` has a uniform 7×7 window and sample covariance (the
    shared script prints the sum of both, twice this value), `paper` an 11×11 Gaussian of σ 1.5
    and population covariance.
    """
    window = WINDOWS[convention]
    return (_ssim(ir, fused, window) + _ssim(vis, fused, window)) / 2

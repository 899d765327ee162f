"""SSIM and MS-SSIM of the fused image and either source."""

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
        return self.moments(image.term(_centred))

    def moments(self, pixels: Float32) -> Local:
        """Local mean and variance of pixels around 0."""
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


SCALES = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Exponents of MS-SSIM's scales, from the full size to a sixteenth of it."""

MINIMUM = 11 * 2 ** (len(SCALES) - 1)
"""Smallest height and width for MS-SSIM: at the last scale one whole window is left."""


def _halved(values: Float32) -> Float32:
    """Mean of each 2×2 pixels; an odd last row or column is left out."""
    height, width = (side // 2 for side in values.shape)
    return float32(
        cv2.resize(values[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA)
    )


def _pyramid(image: Image) -> list[tuple[Float32, Local]]:
    """Pixels, less 128, and their local moments at each scale."""
    window, pixels, found = WINDOWS["paper"], image.term(_centred), []
    for _ in SCALES:
        found.append((pixels, window.moments(pixels)))
        pixels = _halved(pixels)
    return found


def _ms_ssim(source: Image, fused: Image) -> float:
    """Equation (7) of Wang et al. 2003; a scale whose structure is reversed makes it 0."""
    average, product = WINDOWS["paper"].average, 1.0
    for exponent, (a, la), (f, lf) in zip(
        SCALES, source.term(_pyramid), fused.term(_pyramid), strict=True
    ):
        similar = (2 * (average(a * f) - la.mean * lf.mean) + _C2) / (
            la.variance + lf.variance + _C2
        )
        if exponent == SCALES[-1]:
            mean_a, mean_f = la.mean + _MIDDLE, lf.mean + _MIDDLE
            similar *= (2 * mean_a * mean_f + _C1) / (mean_a * mean_a + mean_f * mean_f + _C1)
        product *= max(float(np.mean(similar, dtype=np.float64)), 0.0) ** exponent
    return product


def ms_ssim(fused: Image, ir: Image, vis: Image) -> float:
    """MS-SSIM, mean of MS-SSIM(IR, F) and MS-SSIM(VIS, F), in [0, 1], data range 255.

    Wang et al., "Multi-scale structural similarity for image quality assessment", Asilomar 2003,
    with the author's five exponents, 11×11 Gaussian of σ 1.5 and whole windows only. Sides are at
    least `MINIMUM` pixels. Scripts of the field often print the sum of both, twice this value.
    """
    return (_ms_ssim(ir, fused) + _ms_ssim(vis, fused)) / 2


def ssim(fused: Image, ir: Image, vis: Image, convention: str = "evaluator") -> float:
    """SSIM, mean of SSIM(IR, F) and SSIM(VIS, F), in [-1, 1], data range 255.

    Wang et al., "Image quality assessment: from error visibility to structural similarity", IEEE
    Trans. Image Process. 2004. `evaluator` has a uniform 7×7 window and sample covariance (the
    shared script prints the sum of both, twice this value), `paper` an 11×11 Gaussian of σ 1.5
    and population covariance.
    """
    window = WINDOWS[convention]
    return (_ssim(ir, fused, window) + _ssim(vis, fused, window)) / 2

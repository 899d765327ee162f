"""VIFF as the field computes it: pixel-domain visual information fidelity to either source."""

from typing import NamedTuple

import cv2
import numpy as np

from fusion.metrics.image import Float, Image

MINIMUM = 41
"""Smallest height and width: at the fourth scale one whole window is left."""

_NOISE = 2.0
_EPS = 1e-10
_WINDOWS = (17, 9, 5, 3)


class Scale(NamedTuple):
    """An image at one scale, with local mean and variance where whole windows fit."""

    pixels: Float
    mean: Float
    variance: Float


def _average(values: Float, side: int) -> Float:
    """Gaussian mean, σ = side / 5, of all whole windows.

    The 2-D window of the reference is the outer product of two 1-D ones, so filtering along
    rows and columns gives the same at a fraction of the cost.
    """
    kernel = cv2.getGaussianKernel(side, side / 5, cv2.CV_64F)
    r = side // 2
    smooth = cv2.sepFilter2D(values, cv2.CV_64F, kernel, kernel)
    return np.asarray(smooth, np.float64)[r:-r, r:-r]


def scales(image: Image) -> list[Scale]:
    """The four scales of an image, each blurred and halved from the one before."""
    # VIF ignores the mean level; around 0 rounding is least, and flat images are exactly flat.
    pixels = image.pixels - np.rint(image.pixels.mean())
    found: list[Scale] = []
    for side in _WINDOWS:
        if found:
            pixels = np.ascontiguousarray(_average(pixels, side)[::2, ::2])
        mean = _average(pixels, side)
        variance = _average(pixels * pixels, side) - mean * mean
        variance[variance < _EPS] = 0
        found.append(Scale(pixels, mean, variance))
    return found


def _source_information(image: Image) -> float:
    """Denominator of VIF: what the source itself tells, log units, over all scales."""
    return sum(float(np.log(1 + scale.variance / _NOISE).sum()) for scale in image.term(scales))


def _kept_information(source: Scale, fused: Scale, side: int) -> float:
    """Numerator of VIF at one scale: the source's information still in the fused image.

    The gain g = cov / var_source and the noise var_fused - g cov of the reference enter as
    g² var_source = g cov; where contrast is reversed (cov < 0) nothing is kept.
    """
    covariance = _average(source.pixels * fused.pixels, side)
    covariance -= source.mean * fused.mean
    np.maximum(covariance, 0, out=covariance)
    signal = covariance * covariance / (source.variance + _EPS)
    noise = np.maximum(fused.variance - signal, 0) + _NOISE
    return float(np.log(1 + signal / noise).sum())


def _vif(source: Image, fused: Image) -> float:
    total = source.term(_source_information)
    if total == 0:
        return 1.0
    pairs = zip(source.term(scales), fused.term(scales), _WINDOWS, strict=True)
    return sum(_kept_information(a, f, side) for a, f, side in pairs) / total


def viff(fused: Image, ir: Image, vis: Image) -> float:
    """VIFF, VIFp(IR, F) + VIFp(VIS, F); 2 for a perfect copy of both, more with more contrast.

    Sheikh and Bovik, "Image information and visual quality", IEEE Trans. Image Process. 2006 (the
    authors' pixel-domain code: σn² = 2, four scales, whole windows only), summed over sources as
    the shared script does. Han et al.'s VIFF (Information Fusion 2013), whose name it bears, is
    another measure. A constant source has nothing to lose: its term is 1.
    """
    return _vif(ir, fused) + _vif(vis, fused)

"""Metrics through a model of the eye: Qcb and Qcv.

Both follow Z. Liu's toolbox imageFusionMetrics (Liu et al., "Objective assessment of
multiresolution image fusion algorithms for context enhancement in night vision", IEEE TPAMI 2012),
which VIFB and others took over: images are stretched to 0 to 255 first, and frequencies count
cycles an image.
"""

import cv2
import numpy as np
from scipy import fft

from fusion.metrics.image import Float, Image

_BLOCK = 16
"""Side of Qcv's regions, pixels."""


def _stretched(image: Image) -> Float:
    """Levels from the darkest as 0 to the brightest as 255, rounded; 0 everywhere if constant."""
    low, high = float(image.pixels.min()), float(image.pixels.max())
    if low == high:
        return np.zeros_like(image.pixels)
    return np.asarray(np.floor((image.pixels - low) / (high - low) * 255 + 0.5), np.float64)


def _frequencies(shape: tuple[int, int]) -> Float:
    """Cycles an image of each coefficient of `rfft2`, whatever its direction."""
    height, width = shape
    rows, columns = np.fft.fftfreq(height, 1 / height), np.fft.rfftfreq(width, 1 / width)
    return np.hypot(rows[:, None], columns[None, :])


def _filtered(image: Image, gain: Float) -> Float:
    spectrum = fft.rfft2(image.term(_stretched)) * gain
    return np.asarray(fft.irfft2(spectrum, image.shape), np.float64)


def _blurred(values: Float, sigma: float) -> Float:
    """Gaussian of 31×31 pixels, not normalised; beyond the border there is 0."""
    x = np.arange(-15, 16)
    kernel = np.exp(-(x * x) / (2 * sigma * sigma)) / (sigma * np.sqrt(2 * np.pi))
    smooth = cv2.sepFilter2D(values, cv2.CV_64F, kernel, kernel, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(smooth, np.float64)


def _contrast(image: Image) -> Float:
    """Masked local contrast C' at each pixel, equations (6) and (7) of Chen and Blum."""
    r = _frequencies(image.shape) / 15
    seen = _filtered(image, np.exp(-((r / 15.3870) ** 2)) - 0.7622 * np.exp(-((r / 1.3456) ** 2)))
    narrow, wide = _blurred(seen, 2), _blurred(seen, 4)
    ratio = np.divide(narrow, wide, out=np.ones_like(narrow), where=wide != 0)
    contrast = np.abs(ratio - 1)
    return np.asarray(contrast**3 / (contrast**2 + 1e-4), np.float64)


def _preserved(source: Float, fused: Float) -> Float:
    """The smaller of two contrasts over the larger, 1 where they are equal."""
    strong = np.maximum(source, fused)
    return np.divide(np.minimum(source, fused), strong, out=np.ones_like(strong), where=strong > 0)


def qcb(fused: Image, ir: Image, vis: Image) -> float:
    """Qcb, local contrast of the sources that the fused image preserves, in [0, 1].

    Chen and Blum, "A new automated quality assessment algorithm for image fusion", Image and Vision
    Computing 2009: contrast sensitivity as a difference of Gaussians, contrast masked with
    p 3, q 2, Z 0.0001, sources weighted by their squared contrast, the mean over pixels. Where no
    source has contrast they weigh the same; equal contrasts are preserved wholly, also 0.
    """
    one, other, own = (image.term(_contrast) for image in (ir, vis, fused))
    total = one * one + other * other
    weight = np.divide(one * one, total, out=np.full_like(total, 0.5), where=total > 0)
    quality = weight * _preserved(one, own) + (1 - weight) * _preserved(other, own)
    return float(quality.mean())


def _blocks(values: Float) -> Float:
    """Sums over blocks of 16×16 pixels; those at the border are filled up with 0."""
    height, width = values.shape
    padded = np.pad(values, ((0, -height % _BLOCK), (0, -width % _BLOCK)))
    rows, columns = padded.shape
    split = padded.reshape(rows // _BLOCK, _BLOCK, columns // _BLOCK, _BLOCK)
    return np.asarray(split.sum(axis=(1, 3)), np.float64)


def _saliency(image: Image) -> Float:
    """How much each block attracts the eye: its Sobel strengths to the fifth power, summed."""
    gx, gy = (
        np.asarray(
            cv2.Sobel(image.term(_stretched), -1, dx, dy, borderType=cv2.BORDER_CONSTANT),
            np.float64,
        )
        for dx, dy in ((1, 0), (0, 1))
    )
    return _blocks((gx * gx + gy * gy) ** 2.5)


def _seen(image: Image) -> Float:
    """The image through the contrast sensitivity of Mannos and Sakrison."""
    r = 0.144 * _frequencies(image.shape) / 4
    return _filtered(image, 2.6 * (0.0192 + r) * np.exp(-(r**1.1)))


def qcv(fused: Image, ir: Image, vis: Image) -> float:
    """Qcv, visible difference of the fused image to its sources, in [0, ∞); lower is better.

    Chen and Varshney, "A human perception inspired quality metric for image fusion based on
    regional information", Information Fusion 2007: the mean squared difference in each block of
    16×16 pixels after contrast sensitivity, weighted by the saliency of either source there
    (exponent 5). Sources without any edge weigh all blocks the same.
    """
    own = fused.term(_seen)
    sources = (ir, vis)
    errors = [_blocks((source.term(_seen) - own) ** 2) / _BLOCK**2 for source in sources]
    weights = [source.term(_saliency) for source in sources]
    total = float(sum(weight.sum() for weight in weights))
    if total == 0:
        return float(np.mean(errors))
    return sum(float(np.vdot(w, e)) for w, e in zip(weights, errors, strict=True)) / total

"""Sums over whole images and the metrics that need nothing else: SD, CC, SCD, MSE, PSNR.

Gray levels are integers and so are all sums of them; float64 holds those below 2^53 exactly and
Python's integers the rest. An image is thus constant if and only if its variance is 0, with no
tolerance to choose.
"""

import math

import numpy as np

from fusion.metrics.image import Image

PSNR_CAP = 100.0
"""PSNR of a fused image that equals both sources, dB; larger values are cut to it."""


def _sum(image: Image) -> int:
    return int(image.pixels.sum())


def _energy(image: Image) -> int:
    return int(np.vdot(image.pixels, image.pixels))


def _product(one: Image, other: Image) -> int:
    if one is other:
        return one.term(_energy)
    return int(np.vdot(one.pixels, other.pixels))


def covariance(one: Image, other: Image) -> int:
    """N² times the population covariance of two images of N gray levels, exactly."""
    return one.pixels.size * _product(one, other) - one.term(_sum) * other.term(_sum)


def sd(fused: Image) -> float:
    """SD, the population standard deviation of the fused image's gray levels, in [0, 127.5]."""
    return math.sqrt(covariance(fused, fused)) / fused.pixels.size


def _correlation(both: int, one: int, other: int) -> float:
    """Pearson's r of a covariance and two variances; 0 if a variance is: constants tell nothing."""
    return both / (math.sqrt(one) * math.sqrt(other)) if one and other else 0.0


def cc(fused: Image, ir: Image, vis: Image) -> float:
    """CC, the mean of Pearson's correlations of the fused image with either source, in [-1, 1].

    The correlation with a constant image counts as 0.
    """
    own = covariance(fused, fused)
    ir_r, vis_r = (
        _correlation(covariance(source, fused), covariance(source, source), own)
        for source in (ir, vis)
    )
    return (ir_r + vis_r) / 2


def _difference_correlation(source: Image, fused: Image, other: Image) -> float:
    """r(source, fused - other), by the bilinearity of covariance."""
    both = covariance(source, fused) - covariance(source, other)
    difference = covariance(fused, fused) + covariance(other, other) - 2 * covariance(fused, other)
    return _correlation(both, covariance(source, source), difference)


def scd(fused: Image, ir: Image, vis: Image) -> float:
    """SCD, the sum of the correlations of differences, r(IR, F - VIS) + r(VIS, F - IR), in [-2, 2].

    Aslantas and Bendes, "A new image quality metric for image fusion: the sum of the correlations
    of differences", AEÜ 2015. A term whose source or difference is constant counts as 0.
    """
    return _difference_correlation(ir, fused, vis) + _difference_correlation(vis, fused, ir)


def mse(fused: Image, ir: Image, vis: Image) -> float:
    """MSE, the mean of the fused image's mean squared errors to either source, gray levels²."""
    own = _product(fused, fused)
    errors = (own + _product(source, source) - 2 * _product(source, fused) for source in (ir, vis))
    return sum(errors) / (2 * fused.pixels.size)


def psnr(fused: Image, ir: Image, vis: Image) -> float:
    """PSNR, 10 log10(max(F)² / MSE), dB.

    The peak is the fused image's own largest level, not 255, as in the shared script. A black
    image's peak counts as 1; no value exceeds `PSNR_CAP`, which also stands for MSE 0.
    """
    error = mse(fused, ir, vis)
    peak = max(int(fused.levels.max()), 1)
    return PSNR_CAP if error == 0 else min(10 * math.log10(peak**2 / error), PSNR_CAP)

"""AFM: Zhao's absolute feature measure, how much of the sources' phase congruency is kept.

J. Zhao, R. Laganière, Z. Liu, "Performance assessment of combinative pixel-level image fusion
based on an absolute feature measurement", Int. J. Innovative Computing, Information and Control
3(6), 2007; also known as Q_P. MMIF-AMIN names it without a formula.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from fusion.metrics.image import Float32, Image, float32
from fusion.metrics.phase import PhaseCongruency, phase_congruency

FEATURE = 0.1
"""Phase congruency above which a pixel is a feature; so in the public code of the measure."""

_C = np.float32(1e-4)


class Local(NamedTuple):
    """A map and its local mean and variance."""

    values: Float32
    mean: Float32
    variance: Float32


def _average(values: Float32) -> Float32:
    """Gaussian mean, 11×11 pixels and σ 1.5; beyond the border the map is 0."""
    kernel = cv2.getGaussianKernel(11, 1.5, cv2.CV_32F)
    border = cv2.BORDER_CONSTANT
    return float32(cv2.sepFilter2D(values, cv2.CV_32F, kernel, kernel, borderType=border))


def _local(values: Float32) -> Local:
    mean = _average(values)
    return Local(values, mean, _average(values * values) - mean * mean)


def correlation(source: Local, fused: Local) -> Float32:
    """(σ_xy + C) / (√|σ_x² σ_y²| + C) at each pixel, C = 1e-4."""
    covariance = _average(source.values * fused.values) - source.mean * fused.mean
    product = np.sqrt(np.abs(source.variance * fused.variance))
    return np.asarray((covariance + _C) / (product + _C))


def _kept(maps: Sequence[Float32], features: Sequence[NDArray[np.bool_]], fused: Float32) -> float:
    """P of one kind of map: by pixel the largest correlation, per feature of the combined map.

    Args:
        maps: of both sources, and combined.
        features: where each has them; elsewhere its map and its correlation count as 0.
        fused: the fused image's whole map.
    """
    own = _local(fused)
    found = [
        correlation(_local(values * feature), own) * feature
        for values, feature in zip(maps, features, strict=True)
    ]
    return float(np.maximum.reduce(found).sum(dtype=np.float64)) / np.count_nonzero(features[-1])


def _combined(one: PhaseCongruency, other: PhaseCongruency) -> PhaseCongruency:
    """By pixel the maps of the source with the larger phase congruency."""
    first = one.overall > other.overall
    return PhaseCongruency(*(np.where(first, a, b) for a, b in zip(one, other, strict=True)))


def afm(fused: Image, ir: Image, vis: Image) -> float:
    """AFM, the product of what is kept of phase congruency and of its two moments, at most 1.

    Each is the mean, over the pixels where the combined sources have a feature, of the largest of
    the local correlations of the fused image's map with those of the sources and the combined one.
    The moments are Kovesi's; the public code of the measure halves their mixed term twice. Sources
    without any feature: 0.
    """
    sources = [source.term(phase_congruency) for source in (ir, vis)]
    maps = [*sources, _combined(*sources)]
    features = [each.overall > FEATURE for each in maps]
    if not features[-1].any():
        return 0.0
    own = fused.term(phase_congruency)
    kinds = zip(zip(*maps, strict=True), own, strict=True)
    return float(np.prod([_kept(kind, features, mine) for kind, mine in kinds]))

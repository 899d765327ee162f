"""Metrics from gray-level histograms: EN, MI, NMI."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fusion.metrics.image import Image

LEVELS = 256


def entropy(counts: NDArray[np.int64]) -> float:
    """Shannon's entropy of a histogram, nats."""
    occupied = counts[counts > 0].astype(np.float64)
    if len(occupied) == 1:
        return 0.0  # where rounding may leave a little, which a ratio of entropies makes large
    total = occupied.sum()
    return max(float(np.log(total) - np.dot(occupied, np.log(occupied)) / total), 0.0)


def histogram(levels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Count of each of the 256 levels."""
    return np.bincount(levels.ravel(), minlength=LEVELS)


class Shared(NamedTuple):
    """What two 8-bit maps tell of each other, nats."""

    mutual: float
    one: float
    other: float

    @property
    def normalised(self) -> float:
        """2 I / (H1 + H2), in [0, 1]; 0 where both maps are constant."""
        both = self.one + self.other
        return 2 * self.mutual / both if both > 0 else 0.0


def shared_information(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> Shared:
    """Mutual information and both entropies, from one joint histogram."""
    pairs = one.ravel().astype(np.intp) * LEVELS + other.ravel()
    joint = np.bincount(pairs, minlength=LEVELS * LEVELS).reshape(LEVELS, LEVELS)
    h_one, h_other = entropy(joint.sum(axis=1)), entropy(joint.sum(axis=0))
    # I = H1 + H2 - H12 is never negative; rounding may be.
    return Shared(max(h_one + h_other - entropy(joint.ravel()), 0.0), h_one, h_other)


def en(fused: Image) -> float:
    """EN, Shannon's entropy of the fused image's histogram, bits, in [0, 8].

    Roberts et al., "Assessment of image fusion procedures using entropy, image quality, and
    multispectral classification", J. Appl. Remote Sens. 2008.
    """
    return entropy(histogram(fused.levels)) / float(np.log(2))


def mi_and_nmi(fused: Image, ir: Image, vis: Image) -> tuple[float, float]:
    """MI and NMI, information that the fused image shares with its sources.

    MI = I(F, IR) + I(F, VIS), nats (not bits): Qu et al., Electronics Letters 2002. NMI is its
    normalised form 2 (I(F, IR) / (H_F + H_IR) + I(F, VIS) / (H_F + H_VIS)), in [0, 2]: Hossny et
    al., "Comments on 'Information measure for performance of image fusion'", Electronics Letters
    2008. Constant images share nothing: 0.
    """
    shared = [shared_information(source.levels, fused.levels) for source in (ir, vis)]
    return sum(one.mutual for one in shared), sum(one.normalised for one in shared)

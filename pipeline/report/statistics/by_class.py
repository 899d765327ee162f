"""IoU of each class with its interval: the bootstrap of the mIoU, class by class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.report.statistics.bootstrap import ENDS, Draws, Floats, sums_of
from pipeline.results.iou import iou

Spread = tuple[float, float, float]
"""A number, and both ends of its interval."""


@dataclass(frozen=True)
class ByClass:
    """The IoU of one input, fractions; NaN for a class that the images do not show.

    Attributes:
        measured: (C,) of the whole test set, mean over seeds.
        drawn: (d,C) of each draw of images and seeds.
    """

    measured: Floats
    drawn: Floats


def resample(confusion: NDArray[np.integer], draws: Draws) -> ByClass:
    """IoU per class of one input in every draw.

    Args:
        confusion: (s, n, C, C) of each seed and test image.
        draws: the same for all inputs that are compared.
    """
    of_seeds = draws.of_seeds(len(confusion))[:, :, None]
    parts = [(iou(sums) * of_seeds[part]).sum(axis=1) for part, sums in sums_of(confusion, draws)]
    return ByClass(iou(confusion.sum(axis=1)).mean(axis=0), np.concatenate(parts))


def difference(one: ByClass, other: ByClass) -> ByClass:
    """`one` minus `other` in the same draws."""
    return ByClass(one.measured - other.measured, one.drawn - other.drawn)


def spreads(found: ByClass) -> list[Spread | None]:
    """Each class with its percentile interval over the draws that show it; None without the class.

    The intervals are of one class each, not of all at once.
    """
    seen = ~np.isnan(found.measured)
    ends = np.full((2, len(seen)), np.nan)
    ends[:, seen] = np.nanquantile(found.drawn[:, seen], ENDS, axis=0)
    numbers = zip(found.measured.tolist(), *ends.tolist(), strict=True)
    return [three if there else None for three, there in zip(numbers, seen, strict=True)]

"""Is one input segmented better than another? A paired bootstrap over test images and seeds.

mIoU is no mean over images: it comes from one confusion matrix of the whole test set. So images
are drawn with replacement, the same for all inputs, their confusion matrices are added up, and
mIoU is computed anew from each sum. Images that show nearly the same scene are drawn together, and
seeds are drawn in the same draw, so an interval is about other images and other seeds at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.results.iou import miou

DRAWS = 10_000
LEVEL = 0.95
"""Coverage of the interval."""
ENDS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
"""Shares of the draws below the ends of an interval."""
_CHUNK = 500

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A difference of mIoU with its uncertainty, as fractions.

    Attributes:
        difference: of the whole test set, mean over seeds.
        low: lower end of the percentile interval.
        high: upper end.
        positive: share of draws in which the difference is above 0.
        over_seeds: difference of each seed of the first input to the same seed of the second;
            empty where the numbers of seeds differ.
    """

    difference: float
    low: float
    high: float
    positive: float
    over_seeds: tuple[float, ...]


@dataclass(frozen=True)
class Draws:
    """What is drawn, once for all inputs: that makes comparisons paired.

    Args:
        clusters: (n,) number of the cluster of each test image, from 0; None: each its own.
        images: their number n.
        count: draws.
        seed: of the generator.
    """

    images: int
    clusters: NDArray[np.int64] | None = None
    count: int = DRAWS
    seed: int = 0

    def of_images(self) -> Floats:
        """(d,n): how often each image counts in each draw, with all of its cluster."""
        clusters = np.arange(self.images) if self.clusters is None else self.clusters
        groups = int(clusters.max()) + 1
        generator = np.random.default_rng(self.seed)
        drawn = generator.multinomial(groups, np.full(groups, 1 / groups), size=self.count)
        return drawn[:, clusters].astype(np.float64)

    def of_seeds(self, seeds: int) -> Floats:
        """(d,s): weight of each seed in each draw, summing to 1.

        One seed fewer than there are is drawn: the variance of a mean of so few would come out
        too small by (s − 1) / s otherwise (Rao and Wu, JASA 1988).
        """
        drawn = max(1, seeds - 1)
        generator = np.random.default_rng((self.seed, seeds))
        weights = generator.multinomial(drawn, np.full(seeds, 1 / seeds), size=self.count)
        return weights / drawn


@dataclass(frozen=True)
class Resampled:
    """The mIoU of one input, as measured and as drawn.

    Attributes:
        per_seed: (s,) of the whole test set.
        drawn: (d,) of each draw.
    """

    per_seed: Floats
    drawn: Floats

    @property
    def miou(self) -> float:
        """Of the whole test set, mean over seeds."""
        return float(self.per_seed.mean())


def resample(confusion: NDArray[np.integer], draws: Draws) -> Resampled:
    """The mIoU of one input in every draw.

    Args:
        confusion: (s, n, C, C) of each seed and test image.
        draws: the same for all inputs that are compared.
    """
    of_seeds = draws.of_seeds(len(confusion))
    parts = [(miou(sums) * of_seeds[part]).sum(axis=1) for part, sums in sums_of(confusion, draws)]
    return Resampled(miou(confusion.sum(axis=1)), np.concatenate(parts))


def sums_of(confusion: NDArray[np.integer], draws: Draws) -> Iterator[tuple[slice, Floats]]:
    """Some draws at a time, and the confusion matrices (·, s, C, C) of their images added up."""
    seeds, images, classes, _ = confusion.shape
    counts = confusion.transpose(1, 0, 2, 3).reshape(images, -1).astype(np.float64)
    weights = draws.of_images()
    for start in range(0, len(weights), _CHUNK):
        part = slice(start, start + _CHUNK)
        yield part, (weights[part] @ counts).reshape(-1, seeds, classes, classes)


def difference(one: Resampled, other: Resampled) -> Interval:
    """Difference of mIoU, `one` minus `other`, with its percentile interval.

    Efron and Tibshirani, "An Introduction to the Bootstrap", 1993.

    Args:
        one: an input's.
        other: another's, by the same draws.
    """
    drawn = one.drawn - other.drawn
    low, high = np.quantile(drawn, ENDS)
    same = len(one.per_seed) == len(other.per_seed)
    paired = tuple((one.per_seed - other.per_seed).tolist()) if same else ()
    positive = float(np.mean(drawn > 0))
    return Interval(one.miou - other.miou, float(low), float(high), positive, paired)


def miou_difference(
    one: NDArray[np.integer], other: NDArray[np.integer], draws: Draws | None = None
) -> Interval:
    """`difference` of two inputs by their confusion matrices (s,n,C,C) and (t,n,C,C).

    Raises:
        ValueError: the images or classes of the two differ in number.
    """
    if one.shape[1:] != other.shape[1:]:
        raise ValueError(f"confusions of {one.shape[1:]} and {other.shape[1:]} are no pairs")
    draws = draws or Draws(one.shape[1])
    return difference(resample(one, draws), resample(other, draws))

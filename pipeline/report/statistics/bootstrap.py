"""Is one input segmented better than another? A paired bootstrap over the test images.

mIoU is no mean over images: it comes from one confusion matrix of the whole test set. So images
are drawn with replacement, the same for both inputs, their confusion matrices are added up, and
mIoU is computed anew from each sum.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.results.iou import miou

DRAWS = 10_000
LEVEL = 0.95
"""Coverage of the interval."""
_CHUNK = 500


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


def _drawn_miou(counts: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """MIoU of weighted sums of images, mean over seeds: (s,n,C,C) and (d,n) to (d,)."""
    seeds, images, classes, _ = counts.shape
    sums = np.einsum("dn,snk->dsk", weights, counts.reshape(seeds, images, -1), optimize=True)
    return miou(sums.reshape(len(weights), seeds, classes, classes)).mean(axis=1)


def miou_difference(
    one: NDArray[np.integer],
    other: NDArray[np.integer],
    draws: int = DRAWS,
    seed: int = 0,
) -> Interval:
    """Difference of mIoU, `one` minus `other`, with its paired-bootstrap interval.

    Efron and Tibshirani, "An Introduction to the Bootstrap", 1993: percentile interval, test
    images as the units. Seeds are averaged within each draw: the interval is about other test
    images, the spread over seeds stands beside it.

    Args:
        one: (s, n, C, C) confusion of each seed and test image.
        other: (t, n, C, C) of the same images in the same order.
        draws: number of bootstrap samples.
        seed: of the draws.

    Raises:
        ValueError: the images or classes of the two differ in number.
    """
    if one.shape[1:] != other.shape[1:]:
        raise ValueError(f"confusions of {one.shape[1:]} and {other.shape[1:]} are no pairs")
    images = one.shape[1]
    counts = one.astype(np.float64), other.astype(np.float64)
    generator = np.random.default_rng(seed)
    differences = []
    for start in range(0, draws, _CHUNK):
        # How often each image is drawn: the same weights for both inputs make it paired.
        weights = generator.multinomial(
            images, np.full(images, 1 / images), size=min(_CHUNK, draws - start)
        ).astype(np.float64)
        differences.append(_drawn_miou(counts[0], weights) - _drawn_miou(counts[1], weights))
    drawn = np.concatenate(differences)
    low, high = np.quantile(drawn, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    whole = [miou(part.sum(axis=1)) for part in (one, other)]
    paired = tuple((whole[0] - whole[1]).tolist()) if len(one) == len(other) else ()
    difference = float(whole[0].mean() - whole[1].mean())
    return Interval(difference, float(low), float(high), float(np.mean(drawn > 0)), paired)

"""Do fusion metrics predict segmentation? Rank correlations over methods and over images.

*Over methods*: each method is a point, its mean of a metric against its mIoU or a class's IoU.
*Over images*: each test image of a method is a point, its metric against its *image mIoU*, the mean
IoU over the classes in that image's truth, which is defined for this purpose and no score of an
input; the correlations of the methods are averaged. Metrics of which less is better are turned
around: a positive correlation always says that the better fused image is segmented better.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from pipeline.report.statistics.bootstrap import ENDS, Draws, Floats
from pipeline.report.statistics.judges import Judge
from pipeline.report.statistics.ranking import LOWER_IS_BETTER, REFERENCES, Frames, metric_names
from pipeline.results.iou import iou, miou

FEWEST = 3
"""Methods below which a rank correlation over them says nothing."""

DRAWS = 1000


@dataclass(frozen=True)
class Correlation:
    """A rank correlation with its 95 % interval; NaN where one side is constant."""

    rho: float
    low: float
    high: float


@dataclass(frozen=True)
class Predictions:
    """Rank correlations of each fusion metric, by the metric's name.

    Attributes:
        methods: how many there are.
        over_methods: with the mIoU (key `miou`) and each class's IoU, by its name.
        over_images: with the image mIoU.
    """

    methods: int
    over_methods: dict[str, dict[str, Correlation]]
    over_images: dict[str, Correlation]


def spearman(one: Floats, other: Floats) -> Floats:
    """Spearman's rho of (..., m) values along the last axis; NaN where one of them is constant."""
    a, b = (rankdata(values, axis=-1) for values in (one, other))
    a, b = (ranks - ranks.mean(axis=-1, keepdims=True) for ranks in (a, b))
    scale = np.sqrt((a**2).sum(axis=-1) * (b**2).sum(axis=-1))
    return np.divide((a * b).sum(axis=-1), scale, out=np.full_like(scale, np.nan), where=scale > 0)


def _with_interval(rho: float, drawn: Floats) -> Correlation:
    known = drawn[~np.isnan(drawn)]
    if np.isnan(rho) or not known.size:
        return Correlation(float("nan"), float("nan"), float("nan"))
    low, high = np.quantile(known, ENDS)
    return Correlation(float(rho), float(low), float(high))


def _oriented(frame: pd.DataFrame, metric: str, names: list[str]) -> Floats:
    """(n,) values by image, larger ones better."""
    values = frame.set_index("name").loc[names, metric].to_numpy(np.float64)
    return -values if metric in LOWER_IS_BETTER else values


def _scores(confusion: Floats, of_seeds: Floats) -> Floats:
    """MIoU and IoU of each class, mean over seeds: (..., s, C, C), (..., s) to (..., 1 + C)."""
    each = np.concatenate([miou(confusion)[..., None], iou(confusion)], axis=-1)
    return (each * of_seeds[..., None]).sum(axis=-2)


def _drawn_scores(confusion: Floats, weights: Floats, of_seeds: Floats) -> Floats:
    """`_scores` of every draw: (s,n,C,C), (d,n), (d,s) to (d, 1 + C)."""
    seeds, images, classes, _ = confusion.shape
    counts = confusion.transpose(1, 0, 2, 3).reshape(images, -1)
    return _scores((weights @ counts).reshape(-1, seeds, classes, classes), of_seeds)


def _over_methods(
    values: dict[str, Floats], judge: Judge, methods: list[str], draws: Draws
) -> dict[str, dict[str, Correlation]]:
    """By metric and `miou` or class number; `values` are (m,n) by metric."""
    weights = np.concatenate([np.ones((1, draws.images)), draws.of_images()])
    found = []
    for method in methods:
        confusion = judge.segmented[method].confusion.astype(np.float64)
        seeds = len(confusion)
        of_seeds = np.concatenate([np.full((1, seeds), 1 / seeds), draws.of_seeds(seeds)])
        found.append(_drawn_scores(confusion, weights, of_seeds))
    scores = np.stack(found, axis=-1)  # (1 + d, 1 + C, m); the first row is what was measured
    keys = ["miou", *(str(number) for number in range(scores.shape[1] - 1))]
    result: dict[str, dict[str, Correlation]] = {}
    for metric, of_images in values.items():
        means = weights @ of_images.T / weights.sum(axis=1, keepdims=True)
        rho = [spearman(means, scores[:, place]) for place in range(len(keys))]
        result[metric] = {
            key: _with_interval(one[0], one[1:]) for key, one in zip(keys, rho, strict=True)
        }
    return result


def _over_images(
    values: dict[str, Floats], judge: Judge, methods: list[str], draws: Draws
) -> dict[str, Correlation]:
    """By metric; images that no class is labelled in are left out."""
    each = [miou(judge.segmented[method].confusion) for method in methods]  # (s,n) by method
    labelled = ~np.isnan(np.concatenate(each)).any(axis=0)
    chosen = np.flatnonzero(labelled)
    counted = draws.of_images()[:, chosen].astype(np.int64)
    # As many images as there are, by place in the draw: the last is repeated if clusters differ.
    picked = np.stack([np.resize(np.repeat(chosen, times), len(chosen)) for times in counted])
    picked = np.concatenate([chosen[None], picked])
    rho: dict[str, list[Floats]] = {metric: [] for metric in values}
    for place, scores in enumerate(each):
        of_seeds = np.concatenate([np.full((1, len(scores)), 1 / len(scores)),
                                   draws.of_seeds(len(scores))])  # fmt: skip
        drawn = np.take_along_axis(of_seeds @ np.nan_to_num(scores), picked, axis=1)
        for metric, of_images in values.items():
            rho[metric].append(spearman(of_images[place][picked], drawn))
    means = {metric: np.mean(one, axis=0) for metric, one in rho.items()}
    return {metric: _with_interval(one[0], one[1:]) for metric, one in means.items()}


def predict(frames: Frames, judge: Judge, classes: list[str], draws: Draws) -> Predictions | None:
    """How the fusion metrics go with what `judge` said; None for fewer than three fused methods.

    Args:
        frames: metrics per test image by method; the references `ir` and `vis` are left out.
        judge: a network under one protocol.
        classes: names in label order.
        draws: of the test images, in the order of the judge's results; 1000 of them are enough.
    """
    methods = [name for name in judge.segmented if name in frames and name not in REFERENCES]
    if len(methods) < FEWEST:
        return None
    names = judge.segmented[methods[0]].names
    chosen = {method: frames[method] for method in methods}
    values = {
        metric: np.stack([_oriented(chosen[method], metric, names) for method in methods])
        for metric in metric_names(chosen)
    }
    over = _over_methods(values, judge, methods, draws)
    titles = {"miou": "miou"} | {str(number): name for number, name in enumerate(classes)}
    named = {
        metric: {titles[key]: one for key, one in found.items()} for metric, found in over.items()
    }
    return Predictions(len(methods), named, _over_images(values, judge, methods, draws))

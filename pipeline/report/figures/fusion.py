"""Fusion quality as pictures: places in each metric, and where the two best methods differ."""

from __future__ import annotations

from pipeline.params.fusion import Ranking
from pipeline.report.figures.distributions import distributions
from pipeline.report.figures.picture import Picture
from pipeline.report.figures.style import colours, themed
from pipeline.report.figures.zoom import (
    Pictures,
    differing_box,
    most_differing,
    rank_plot,
    zoomed,
)
from pipeline.report.pair_set import PairSet
from pipeline.report.statistics.ranking import counted, counted_words, rank_sums


def _two_best(pairs: PairSet, ranking: Ranking) -> list[str]:
    """The two fused methods with the smallest rank sums whose test images are there."""
    judged = {
        method: metrics
        for method, metrics in pairs.fused_metrics.items()
        if all((pairs.fused[method] / f"{name}.png").is_file() for name in pairs.names)
    }
    sums = rank_sums(judged, ranking) if judged else {}
    return sorted(sums, key=lambda method: sums[method])[:2]


def _chosen(pairs: PairSet, name: str, methods: list[str]) -> Pictures:
    pictures = pairs.pictures(name)
    return {title: pictures[title] for title in (*pairs.sources, *methods)}


def differing(pairs: PairSet, ranking: Ranking) -> list[Picture]:
    """The images on which the two best methods differ most, with the part where they do."""
    methods = _two_best(pairs, ranking)
    if len(methods) < 2:
        return []
    one, other = (pairs.fused[method] for method in methods)
    names = most_differing(one, other, pairs.names)
    boxes = {name: differing_box(one / f"{name}.png", other / f"{name}.png") for name in names}
    rows = {name: _chosen(pairs, name, methods) for name in names}
    both = " and ".join(methods)
    return [
        Picture(
            f"fusion_differing{pairs.suffix}",
            themed(zoomed, rows, boxes),
            f"Test images {', '.join(names)} of {pairs.name}: {', '.join(pairs.sources)} and the "
            f"fused images of {both}, one part of each magnified",
            f"The test images of {pairs.name} on which {both}, first in the rank sum, differ "
            "most; the box is where.",
            wide=True,
        )
    ]


def ranks(pairs: PairSet, ranking: Ranking) -> list[Picture]:
    """Each method's place in each metric."""
    frames = pairs.fused_metrics
    if len(frames) < 2:
        return []
    summed = counted_words(counted(frames, ranking))
    return [
        Picture(
            f"fusion_ranks{pairs.suffix}",
            themed(rank_plot, frames, colours(list(frames)), ranking),
            f"Line chart of each method's place in each fusion metric on {pairs.name}; its "
            "numbers are in the table",
            f"Place of each method in each metric by its mean over the test images of "
            f"{pairs.name}; the rank sum is over {summed}.",
            wide=True,
        )
    ]


def spread(pairs: PairSet) -> list[Picture]:
    """How each metric is spread over the test images."""
    frames = pairs.fused_metrics
    if not frames:
        return []
    return [
        Picture(
            f"fusion_distributions{pairs.suffix}",
            themed(distributions, frames, colours(list(frames))),
            f"Violin plots of each fusion metric over the test images of {pairs.name}, one violin "
            "a method",
            f"Fusion metrics over the test images of {pairs.name}: distribution with its "
            "quartiles.",
            wide=True,
        )
    ]


def all_pictures(pairs: PairSet, ranking: Ranking) -> list[Picture]:
    """All of one set of pairs."""
    return spread(pairs) + ranks(pairs, ranking) + differing(pairs, ranking)

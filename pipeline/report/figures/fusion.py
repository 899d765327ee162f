"""Fusion quality as pictures: places in each metric, and where the two best methods differ."""

from __future__ import annotations

from pipeline.data.pairs import image_path
from pipeline.images.pixels import read_gray, read_rgb
from pipeline.report.collected import Results
from pipeline.report.figures.picture import Picture
from pipeline.report.figures.style import colours, themed
from pipeline.report.figures.zoom import (
    Pictures,
    differing_box,
    most_differing,
    rank_plot,
    zoomed,
)
from pipeline.report.statistics.ranking import rank_sums
from pipeline.results import paths


def _two_best(results: Results) -> list[str]:
    """The two fused methods with the smallest rank sums whose test images are there."""
    names = list(results.test["name"])
    judged = {
        method: metrics
        for method, metrics in results.fused_metrics.items()
        if all(paths.fused_image(method, "test", name).is_file() for name in names)
    }
    sums = rank_sums(judged) if judged else {}
    return sorted(sums, key=lambda method: sums[method])[:2]


def _pictures(results: Results, name: str, methods: list[str]) -> Pictures:
    data = results.params.data.directory
    return {
        "VIS": read_rgb(image_path(data, "test", "vi", name)),
        "IR": read_gray(image_path(data, "test", "ir", name)),
    } | {method: read_rgb(paths.fused_image(method, "test", name)) for method in methods}


def differing(results: Results) -> list[Picture]:
    """The images on which the two best methods differ most, with the part where they do."""
    methods = _two_best(results)
    if len(methods) < 2:
        return []
    one, other = (paths.fused(method, "test") for method in methods)
    names = most_differing(one, other, list(results.test["name"]))
    boxes = {name: differing_box(one / f"{name}.png", other / f"{name}.png") for name in names}
    rows = {name: _pictures(results, name, methods) for name in names}
    both = " and ".join(methods)
    return [
        Picture(
            "fusion_differing",
            themed(zoomed, rows, boxes),
            f"Test images {', '.join(names)}: VIS, IR and the fused images of {both}, one part of "
            "each magnified",
            f"The test images on which {both}, first in the rank sum, differ most; the box is "
            "where.",
            wide=True,
        )
    ]


def ranks(results: Results) -> list[Picture]:
    """Each method's place in each metric."""
    frames = results.fused_metrics
    if len(frames) < 2:
        return []
    return [
        Picture(
            "fusion_ranks",
            themed(rank_plot, frames, colours(list(frames))),
            "Line chart of each method's place in each fusion metric; its numbers are in the table",
            "Place of each method in each metric by its mean over the test images; the sum of "
            "places is the ranking.",
            wide=True,
        )
    ]

"""The part on single classes: where one input is ahead, and how sure that is."""

from __future__ import annotations

from pipeline.report.collected import SOURCES, Results
from pipeline.report.figures.picture import Picture
from pipeline.report.figures.style import themed
from pipeline.report.figures.verdict import by_class
from pipeline.report.page.orders import Section
from pipeline.report.statistics.by_class import resample
from pipeline.report.statistics.judges import Judge, draws_of
from pipeline.report.tables.parts.by_class import difference_table, iou_table
from pipeline.report.tables.table import Table


def _picture(table: Table) -> Picture:
    return Picture(
        "by_class",
        themed(by_class.draw, table),
        "Dots with intervals: the IoU of each class for each input; the numbers are in the table "
        "IoU per class with intervals",
        "IoU of each class with its 95 % interval over test images and seeds; each panel has its "
        "own scale. Intervals of two inputs may overlap and the two still differ, for both are "
        "drawn on the same images: the table of differences says that.",
        wide=True,
    )


def section(results: Results, judge: Judge | None) -> Section:
    """IoU per class with intervals, and against each camera, by the main network.

    Args:
        results: for the names of classes and clusters of alike images.
        judge: the main network; None before any segmentation.
    """
    if judge is None:
        return Section()
    names = next(iter(judge.segmented.values())).names
    draws = draws_of(results, names)
    found = {name: resample(one.confusion, draws) for name, one in judge.segmented.items()}
    where = f"the {len(names)} test images of {results.params.data.dataset}"
    table = iou_table(found, results.classes, where)
    if not table.columns:
        return Section()
    against = [
        difference_table(found, results.classes, source, where)
        for source in SOURCES
        if source in found and len(found) > 1
    ]
    return Section([table, *against], [_picture(table)])

"""The section on fusion metrics as predictors of segmentation."""

from __future__ import annotations

from dataclasses import replace

from pipeline.report.collected import Results
from pipeline.report.figures import prediction
from pipeline.report.figures.picture import Picture
from pipeline.report.figures.style import themed
from pipeline.report.page.orders import Section
from pipeline.report.statistics.judges import Judge, draws_of
from pipeline.report.statistics.prediction import DRAWS, Predictions, predict
from pipeline.report.tables.prediction import prediction_table


def _picture(name: str, found: Predictions, judge: Judge) -> Picture:
    return Picture(
        name,
        themed(prediction.draw, found),
        f"Rank correlation of each fusion metric with the segmentation by {judge.title}, with "
        "intervals; its numbers are in the table",
        f"Rank correlation of each fusion metric with what {judge.title} segments, with 95 % "
        "intervals; an interval across 0 leaves the sign open.",
    )


def predictions(results: Results, judges: list[Judge]) -> Section:
    """How the fusion metrics go with what each judge said, where at least three methods have both.

    Args:
        results: the fusion metrics of the test images.
        judges: the main network, and the first that judges all inputs.
    """
    section = Section()
    for judge in judges:
        names = next(iter(judge.segmented.values())).names
        draws = replace(draws_of(results, names), count=DRAWS)
        found = predict(results.fusion, judge, results.classes, draws)
        if found is not None:
            table = prediction_table(found, judge, results.classes)
            section.tables.append(table)
            section.pictures.append(_picture(table.name, found, judge))
    return section

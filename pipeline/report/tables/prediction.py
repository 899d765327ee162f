"""Rank correlation of each fusion metric with segmentation, as a table."""

from __future__ import annotations

import math

from pipeline.report.statistics.judges import Judge
from pipeline.report.statistics.prediction import Correlation, Predictions
from pipeline.report.tables.table import Cell, Column, Row, Table


def _cell(found: Correlation) -> Cell:
    return Cell() if math.isnan(found.rho) else Cell(found.rho, interval=(found.low, found.high))


def prediction_table(found: Predictions, judge: Judge, classes: list[str]) -> Table:
    """Rows metrics; columns mIoU over methods, image mIoU over images, each class over methods."""
    columns = [
        Column("miou", "mIoU, over methods", better="", decimals=2, signed=True),
        Column("image_miou", "image mIoU, over images", better="", decimals=2, signed=True),
        *(
            Column(name, name.replace("_", " "), better="", decimals=2, signed=True)
            for name in classes
        ),
    ]
    rows = [
        Row(
            metric,
            {key: _cell(one) for key, one in over.items()}
            | {"image_miou": _cell(found.over_images[metric])},
        )
        for metric, over in found.over_methods.items()
    ]
    caption = (
        f"Spearman's rank correlation of each fusion metric with what {judge.title} segments: with "
        f"the mIoU and the IoU of each class over {found.methods} methods, and with the image mIoU "
        "(mean IoU over the classes in an image's truth) over the test images of a method, mean "
        "over methods; 95 % intervals of a bootstrap over images and seeds. Positive: the better "
        "by the metric, the better segmented. – is a class whose IoU is the same for all methods. "
        f"Protocol {judge.version['version']}."
    )
    name = f"prediction_{judge.protocol}" if judge.protocol else "prediction"
    return Table(name, caption, "Metric", columns, rows)

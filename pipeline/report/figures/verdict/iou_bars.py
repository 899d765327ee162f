"""Figure of the segmentation: IoU per class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.report.figures.style import colours
from pipeline.report.tables.table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def iou_bars(table: Table) -> Figure:
    """Grouped bars of the headline table: one group a class and one for mIoU, std as whiskers."""
    from matplotlib import pyplot as plt

    columns = [column for column in table.columns if not column.key.startswith("delta_")]
    palette = colours([row.label for row in table.rows])
    figure, axes = plt.subplots(figsize=(10, 3.6))
    width = 0.84 / max(len(table.rows), 1)
    for place, row in enumerate(table.rows):
        cells = [table.cell(row, column) for column in columns]
        axes.bar(
            np.arange(len(columns)) - 0.42 + (place + 0.5) * width,
            [np.nan if cell.value is None else cell.value for cell in cells],
            width * 0.92,
            yerr=[cell.std or 0 for cell in cells],
            error_kw={"elinewidth": 0.8, "ecolor": plt.rcParams["text.color"]},
            color=palette[row.label],
            label=row.label,
        )
    axes.axvline(len(columns) - 1.5, color=plt.rcParams["grid.color"])
    axes.set_xticks(range(len(columns)), [column.title for column in columns])
    axes.set(ylabel="IoU (%)", ylim=(0, 100), xlim=(-0.6, len(columns) - 0.4))
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    figure.legend(loc="upper center", bbox_to_anchor=(0.5, 1.03), ncols=max(len(table.rows), 1))
    return figure

"""IoU of each class with its interval, one panel a class."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from pipeline.report.figures.style import colours
from pipeline.report.tables.table import Column, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ACROSS = 3


def draw(table: Table) -> Figure:
    """A dot and a line an input in each panel, the inputs in the table's order.

    Args:
        table: of `tables.by_class.iou_table`.
    """
    from matplotlib import pyplot as plt

    down = ceil(len(table.columns) / _ACROSS)
    figure, grid = plt.subplots(
        down, _ACROSS, squeeze=False, sharey=True, layout="constrained",
        figsize=(10, (0.7 + 0.2 * len(table.rows)) * down),
    )  # fmt: skip
    for place, axes in enumerate(grid.flat):
        if place < len(table.columns):
            _panel(axes, table, table.columns[place])
        else:
            axes.set_axis_off()
    for axes in grid[:, 0]:
        axes.set_yticks(range(len(table.rows)), [row.label for row in table.rows])
    figure.supxlabel("IoU (%)", fontsize=9)
    return figure


def _panel(axes: Axes, table: Table, column: Column) -> None:
    palette = colours([row.label for row in table.rows])
    for height, row in enumerate(table.rows):
        cell = table.cell(row, column)
        if cell.value is not None and cell.interval is not None:
            colour = palette[row.label]
            axes.plot(cell.interval, (height, height), color=colour, linewidth=1.6)
            axes.plot(cell.value, height, "o", color=colour, markersize=5)
    axes.set_title(column.title, fontsize=9)
    axes.set_ylim(len(table.rows) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    axes.set_axisbelow(True)

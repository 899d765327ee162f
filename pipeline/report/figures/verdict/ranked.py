"""The inputs from the best down: their mIoU, and what they gain or lose against a camera."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.report.collected import SOURCES
from pipeline.report.figures.style import colours
from pipeline.report.tables.table import Cell, Row, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def _by_miou(table: Table) -> list[Row]:
    known = [row for row in table.rows if row.cells["miou"].value is not None]
    return sorted(known, key=lambda row: -(row.cells["miou"].value or 0.0))


def camera(table: Table) -> str:
    """What the inputs are held against: VIS, or IR where it is the only camera."""
    there = (s for s in reversed(SOURCES) if any(f"delta_{s}" in row.cells for row in table.rows))
    return next(there, SOURCES[-1])


def draw(table: Table) -> Figure:
    """Left the mIoU with its standard deviation over seeds, right the difference to `camera`.

    Args:
        table: with the columns `miou` and `delta_…`, as `tables.segmentation.headline`.
    """
    from matplotlib import pyplot as plt

    rows, against = _by_miou(table), camera(table)
    figure, (left, right) = plt.subplots(
        1, 2, sharey=True, layout="constrained", figsize=(9, 1.1 + 0.3 * len(rows))
    )
    palette = colours([row.label for row in table.rows])
    for height, row in enumerate(rows):
        miou, gain = row.cells["miou"], row.cells.get(f"delta_{against}", Cell())
        spread = miou.std or 0.0
        _dot(left, height, miou, (-spread, spread), palette[row.label])
        if gain.value is not None and gain.interval is not None:
            ends = (gain.interval[0] - gain.value, gain.interval[1] - gain.value)
            _dot(right, height, gain, ends, palette[row.label])
    names = [row.label.upper() if row.label in SOURCES else row.label for row in rows]
    left.set_yticks(range(len(rows)), names)
    left.set_ylim(len(rows) - 0.5, -0.5)
    left.set_xlabel("mIoU (%), ± std over seeds")
    right.axvline(0, color=plt.rcParams["text.color"], linewidth=1)
    right.set_xlabel(f"points of mIoU against {against.upper()}, 95 % interval")
    for axes in (left, right):
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x")
        axes.set_axisbelow(True)
    return figure


def _dot(axes: Axes, height: int, cell: Cell, ends: tuple[float, float], colour: str) -> None:
    """A number, and its spread as a line from end to end of it."""
    value = cell.value or 0.0
    axes.plot((value + ends[0], value + ends[1]), (height, height), color=colour, linewidth=1.8)
    axes.plot(value, height, "o", color=colour, markersize=6)

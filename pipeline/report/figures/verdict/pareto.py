"""What a fused input is worth beside what it costs: mIoU over milliseconds a pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.report.collected import SOURCES
from pipeline.report.figures.style import colours
from pipeline.report.tables.table import Row, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WHO = {"cpu_ms": "CPU", "gpu_ms": "GPU"}
"""Columns of the cost table that are drawn, and who fuses there."""

Points = dict[str, tuple[float, float]]
"""Milliseconds and mIoU of each method."""


def points(cost: Table, key: str) -> Points:
    """Methods that have both a time in the column `key` and a mIoU."""
    found = {}
    for row in cost.rows:
        time, miou = (row.cells[one].value if one in row.cells else None for one in (key, "miou"))
        if time is not None and miou is not None:
            found[row.label] = (time, miou)
    return found


def front(found: Points) -> list[str]:
    """Methods that no other one matches in both and beats in one, the fastest first."""
    best = [
        name
        for name, (time, miou) in found.items()
        if not any(
            t <= time and m >= miou and (t, m) != (time, miou) for t, m in found.values()
        )
    ]  # fmt: skip
    return sorted(best, key=lambda name: found[name])


def drawn(cost: Table) -> list[str]:
    """Columns with something to compare."""
    return [key for key in WHO if len(points(cost, key)) > 1]


def draw(cost: Table, headline: Table) -> Figure:
    """One panel for each of `drawn`; the cameras alone cost nothing and are lines across.

    Args:
        cost: `tables.cost.cost_table`.
        headline: has the mIoU with its spread over seeds.
    """
    from matplotlib import pyplot as plt

    rows = {row.label: row for row in headline.rows}
    keys = drawn(cost)
    figure, grid = plt.subplots(
        1, len(keys), squeeze=False, sharey=True, layout="constrained",
        figsize=(max(7.5, 5 * len(keys)), 4),
    )  # fmt: skip
    for axes, key in zip(grid[0], keys, strict=True):
        _panel(axes, points(cost, key), rows)
        axes.set_xlabel(f"milliseconds a pair, {WHO[key]}")
    grid[0][0].set_ylabel("mIoU (%)")
    return figure


def _panel(axes: Axes, found: Points, rows: dict[str, Row]) -> None:
    from matplotlib.ticker import StrMethodFormatter

    palette = colours(list(rows))
    best = front(found)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.margins(x=0.15)
    axes.step(
        [found[name][0] for name in best], [found[name][1] for name in best], where="post",
        color=palette[SOURCES[0]], linewidth=1, linestyle=":",
    )  # fmt: skip
    for name, (time, miou) in found.items():
        std = rows[name].cells["miou"].std or 0.0
        axes.errorbar(
            time, miou, yerr=std, fmt="o", color=palette[name], linewidth=1, markersize=7,
            fillstyle="full" if name in best else "none",
        )  # fmt: skip
        axes.annotate(
            name, (time, miou), (6, 5), textcoords="offset points", color=palette[name]
        )  # fmt: skip
    for name in SOURCES:
        if name in rows and (level := rows[name].cells["miou"].value) is not None:
            axes.axhline(level, color=palette[name], linewidth=1, linestyle="--")
            axes.annotate(
                f"{name.upper()} alone", (1, level), (5, 0), textcoords="offset points",
                xycoords=axes.get_yaxis_transform(), va="center", color=palette[name],
            )  # fmt: skip
    axes.grid(True)
    axes.set_axisbelow(True)

"""Figures of the segmentation: IoU per class, confusion matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipeline.report.style import colours
from pipeline.report.table import Table

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


def row_normalised(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """Shares of each true class, (C, C); rows of classes absent from the truth are NaN.

    Args:
        confusion: (seeds, n, C, C) counts; seeds and images are summed.
    """
    total = confusion.sum(axis=(0, 1)).astype(np.float64)
    truth = total.sum(axis=1, keepdims=True)
    return np.divide(total, truth, out=np.full_like(total, np.nan), where=truth > 0)


def confusion_matrix(confusion: NDArray[np.int64], classes: list[str], name: str) -> Figure:
    """One input's confusion, rows truth, each row summing to 100 %."""
    import seaborn
    from matplotlib import pyplot as plt

    shares = 100 * row_normalised(confusion)
    side = 1.6 + 0.36 * len(classes)
    figure, axes = plt.subplots(figsize=(side, side))
    seaborn.heatmap(
        shares, ax=axes, cmap="Blues", vmin=0, vmax=100, square=True, cbar=False,
        annot=len(classes) <= 15, fmt=".0f", annot_kws={"size": 8}, linewidths=0.5,
        linecolor=plt.rcParams["grid.color"],
        xticklabels=[c.replace("_", " ") for c in classes],
        yticklabels=[c.replace("_", " ") for c in classes],
    )  # fmt: skip
    axes.set(xlabel="prediction", ylabel="truth", title=name)
    axes.tick_params(length=0)
    return figure

"""The figure that goes with an evaluation in MLflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segmentation.iou import Confusion

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def confusion_figure(confusion: Confusion, classes: tuple[str, ...], title: str) -> Figure:
    """Draw a (C,C) confusion matrix in percent of each true class; absent classes stay blank."""
    from matplotlib.figure import Figure

    truth = confusion.sum(axis=1, keepdims=True)
    shares = np.full(confusion.shape, np.nan)
    np.divide(100 * confusion, truth, out=shares, where=truth > 0)
    side = 1.5 + 0.5 * len(classes)
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=100)
    axes.set_xticks(range(len(classes)), classes, rotation=45, ha="right")
    axes.set_yticks(range(len(classes)), classes)
    axes.set(xlabel="prediction", ylabel="truth", title=f"{title}: % of each true class")
    for (row, column), share in np.ndenumerate(shares):
        if not np.isnan(share):
            ink = "white" if share > 50 else "black"
            axes.text(column, row, f"{share:.0f}", ha="center", va="center", color=ink)
    return figure

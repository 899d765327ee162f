"""A confusion matrix as a figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_ANNOTATED = 15


def row_shares(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """Percent of each true class, (C,C) as the counts; NaN in the rows of absent classes."""
    truth = confusion.sum(axis=1, keepdims=True)
    shares = np.full(confusion.shape, np.nan)
    return np.divide(100 * confusion, truth, out=shares, where=truth > 0)


def confusion_figure(confusion: NDArray[np.int64], classes: Sequence[str], title: str) -> Figure:
    """Draw a confusion matrix in percent of each true class; absent classes stay blank.

    Args:
        confusion: (C,C) pixel counts, rows truth, columns prediction.
        classes: their C names, `_` shown as a space.
        title: above the matrix.
    """
    import matplotlib as mpl
    import seaborn as sns
    from matplotlib.figure import Figure

    side = 1.6 + 0.36 * len(classes)
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.subplots()
    names = [name.replace("_", " ") for name in classes]
    sns.heatmap(
        row_shares(confusion), ax=axes, cmap="Blues", vmin=0, vmax=100, square=True, cbar=False,
        annot=len(classes) <= _MOST_ANNOTATED, fmt=".0f", annot_kws={"size": 8}, linewidths=0.5,
        linecolor=mpl.rcParams["grid.color"], xticklabels=names, yticklabels=names,
    )  # fmt: skip
    axes.set(xlabel="prediction", ylabel="truth", title=title)
    axes.tick_params(length=0)
    return figure

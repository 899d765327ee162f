"""Training curves from the histories."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.report.figures.style import colours

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def over_seeds(histories: list[pd.DataFrame]) -> pd.DataFrame:
    """Mean, smallest and largest loss of the seeds at each epoch both have."""
    losses = pd.concat([one.set_index("epoch")["loss"] for one in histories], axis=1).dropna()
    return pd.DataFrame(
        {"mean": losses.mean(axis=1), "low": losses.min(axis=1), "high": losses.max(axis=1)}
    )


def _finish(axes: Axes, title: str, positive: bool) -> None:
    """Names, whole epochs, grid; a log scale, in plain numbers, where all values allow it."""
    from matplotlib.ticker import LogLocator, MaxNLocator, StrMethodFormatter

    axes.set(xlabel="epoch", title=title)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if positive:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 1.5, 2, 3, 5, 7)))
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.yaxis.set_minor_formatter("")
    axes.grid(True)
    axes.set_axisbelow(True)


def segmentation_curves(histories: dict[str, list[pd.DataFrame]]) -> Figure:
    """Training loss of each input, mean of the seeds with their range shaded."""
    from matplotlib import pyplot as plt

    palette = colours(list(histories))
    figure, axes = plt.subplots(figsize=(8, 3.6))
    positive = True
    for name, seeds in histories.items():
        loss = over_seeds(seeds)
        positive &= bool((loss > 0).all(axis=None))
        axes.plot(loss.index, loss["mean"], color=palette[name], label=name)
        axes.fill_between(loss.index, loss["low"], loss["high"], color=palette[name], alpha=0.15)
    _finish(axes, "Segmentation: training loss", positive)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def fusion_curves(histories: dict[str, pd.DataFrame]) -> Figure:
    """Loss of each learned method, with its terms; their scales differ, so each has its axes."""
    from matplotlib import pyplot as plt

    figure, grid = plt.subplots(
        1,
        len(histories),
        figsize=(max(8, 4.2 * len(histories)), 3.6),
        squeeze=False,
        layout="constrained",
    )
    for axes, (name, history) in zip(grid[0], histories.items(), strict=True):
        terms = [c for c in history.columns if c not in ("epoch", "learning_rate", "loss")]
        numeric = [c for c in terms if history[c].map(np.isfinite).all()]
        axes.plot(history["epoch"], history["loss"], color=plt.rcParams["text.color"], label="loss")
        for term in numeric:
            axes.plot(history["epoch"], history[term], linewidth=1, label=term)
        positive = bool((history[["loss", *numeric]] > 0).all(axis=None))
        _finish(axes, f"{name}: training loss", positive)
        axes.legend()
    return figure

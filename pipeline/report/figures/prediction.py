"""Rank correlations of the fusion metrics with segmentation, with their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.report.statistics.prediction import Predictions

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(found: Predictions) -> Figure:
    """One line a metric: over methods with mIoU, over images with the image mIoU."""
    from matplotlib import pyplot as plt

    metrics = list(found.over_methods)
    series = {
        f"mIoU over {found.methods} methods": [found.over_methods[m]["miou"] for m in metrics],
        "image mIoU over images": [found.over_images[m] for m in metrics],
    }
    size = (7.5, 1.2 + 0.34 * len(metrics))
    figure, axes = plt.subplots(figsize=size, layout="constrained")
    for place, (label, values) in enumerate(series.items()):
        rho = np.array([one.rho for one in values])
        spread = np.array([(one.rho - one.low, one.high - one.rho) for one in values]).T
        heights = np.arange(len(metrics)) + 0.3 * place - 0.15
        axes.errorbar(rho, heights, xerr=np.maximum(spread, 0), fmt="o", markersize=4, label=label,
                      color=("#0072B2", "#E69F00")[place], linewidth=1)  # fmt: skip
    axes.axvline(0, color=plt.rcParams["grid.color"])
    axes.set_yticks(range(len(metrics)), metrics)
    axes.set(xlim=(-1.05, 1.05), xlabel="Spearman's ρ", ylim=(len(metrics) - 0.4, -0.6))
    axes.grid(axis="x", alpha=0.4)
    figure.legend(loc="outside upper center", ncols=2)
    return figure

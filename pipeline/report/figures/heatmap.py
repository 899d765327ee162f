"""The heatmap of LKC-FUNet's Figure 12: who beats whom, how often, and whether by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEVELS = ((0.001, "**"), (0.05, "*"))
"""Symbols by the corrected p below which they stand.

Those of the paper's section 4.3. The caption of its Figure 12 has `***`, `**` and `/` for the same
three levels; the two disagree, and the text, where the test is described, is taken.
"""


def symbol(p: float) -> str:
    """`**`, `*` for a corrected p below 0.001, 0.05; else none."""
    return next((mark for level, mark in LEVELS if p < level), "")


def against(comparisons: pd.DataFrame, method: str) -> pd.DataFrame:
    """The rows of `significance.compare` from the side of `method`.

    Returns:
        metric, other, r_c (positive where `method` is ahead) and mark.
    """
    rows = comparisons[comparisons["method"] == method]
    return rows[["metric", "other", "r_c"]].assign(mark=rows["p_holm"].map(symbol))


def heatmap(comparisons: pd.DataFrame, method: str) -> Figure:
    """Draw r_c of `method` against each other method (rows) in each metric (columns).

    Args:
        comparisons: from `significance.compare`.
        method: the method whose side is shown: blue where it is ahead, red where behind.
    """
    import seaborn as sns
    from matplotlib.figure import Figure

    rows = against(comparisons, method)
    order = list(dict.fromkeys(rows["metric"])), list(dict.fromkeys(rows["other"]))
    grid = rows.pivot_table(index="other", columns="metric", values="r_c")
    marks = rows.pivot_table(index="other", columns="metric", values="mark", aggfunc="first")
    grid, marks = (frame.reindex(index=order[1], columns=order[0]) for frame in (grid, marks))
    labels = np.char.add(
        np.char.mod("%+.2f\n", grid.to_numpy(np.float64)), marks.to_numpy().astype(str)
    )
    figure = Figure(figsize=(1.6 + 0.62 * len(order[0]), 1.3 + 0.5 * len(order[1])))
    axes = figure.subplots()
    sns.heatmap(
        grid, ax=axes, vmin=-1, vmax=1, cmap="RdBu", annot=labels, fmt="", linewidths=0.5,
        annot_kws={"fontsize": 8}, cbar_kws={"label": "$r_c = 2\\,(r - 0.5)$"},
    )  # fmt: skip
    axes.set(xlabel="", ylabel="", title=f"{method} against the others")
    axes.tick_params(axis="y", rotation=0)
    figure.text(
        0.01, 0.0, "Holm-corrected p: ** < 0.001, * < 0.05, none not significant",
        fontsize=7, va="bottom",
    )  # fmt: skip
    figure.tight_layout(rect=(0, 0.03, 1, 1))
    return figure

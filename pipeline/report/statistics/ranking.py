"""Which method is best: means, places and the sum of places ("Ranking" in LKC-FUNet's Table 7).

All functions take metrics per image by method: frames with one column per metric; the columns
`name` and `set` are labels, not metrics.
"""

from collections.abc import Sequence

import pandas as pd

from pipeline.params.fusion import Ranking

LOWER_IS_BETTER = frozenset({"MSE", "Nabf", "Qcv"})
"""Metrics whose small values are good; large ones are for all others."""

REFERENCES = ("ir", "vis")
"""Inputs shown beside the methods but not ranked: a copy of a source wins what compares with it."""

PAPER_METRICS = ("SD", "AG", "SF", "SCD", "VIFF", "SSIM")
"""The six that LKC-FUNet's tables have, and that its "Ranking" counts."""

_LABELS = ("name", "set")

Frames = dict[str, pd.DataFrame]


def metric_names(frames: Frames) -> list[str]:
    """Metrics that every method has, in the order of the first one's columns."""
    first = next(iter(frames.values()), pd.DataFrame())
    return [
        name
        for name in first.columns
        if name not in _LABELS and all(name in frame for frame in frames.values())
    ]


def means(frames: Frames) -> pd.DataFrame:
    """Mean over images: one row a method, one column a metric."""
    names = metric_names(frames)
    return pd.DataFrame({method: frame[names].mean() for method, frame in frames.items()}).T


def places(frames: Frames) -> pd.DataFrame:
    """Place of each method in each metric by its mean, 1 the best; equals share the mean place.

    `REFERENCES` have no row.
    """
    values = means({key: frame for key, frame in frames.items() if key not in REFERENCES})
    oriented = values.mul([-1.0 if name in LOWER_IS_BETTER else 1.0 for name in values.columns])
    return oriented.rank(ascending=False, method="average")


def counted(frames: Frames, ranking: Ranking) -> list[str]:
    """Metrics whose places are summed: the paper's six, or all there are."""
    return [name for name in metric_names(frames) if ranking == "all" or name in PAPER_METRICS]


def counted_words(metrics: Sequence[str]) -> str:
    """What a rank sum is over, for a caption."""
    if tuple(metrics) == PAPER_METRICS:
        return f"the paper's six metrics, {', '.join(metrics)}"
    return f"{len(metrics)} metric{'s' * (len(metrics) != 1)}, {', '.join(metrics)}"


def rank_sums(frames: Frames, ranking: Ranking = "all") -> dict[str, float]:
    """Sum of each method's places over the metrics that count; the smallest is best.

    Returns:
        By method, in the frames' order; empty where no metric counts.
    """
    metrics = counted(frames, ranking)
    totals = places(frames)[metrics].sum(axis=1) if metrics else pd.Series(dtype=float)
    return {str(method): float(total) for method, total in totals.items()}

"""Does one method beat another on more than luck? Section 4.3 of LKC-FUNet's paper.

For each metric and pair of methods the per-image differences are tested for normality
(Shapiro-Wilk); a paired t-test follows where they pass at 0.05, Wilcoxon's signed-rank test
where they do not. Holm-Bonferroni corrects over the family: all tests of one call. How often the
first method is ahead is the improvement rate r, shown as r_c = 2 (r - 0.5).
"""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from pipeline.report.statistics.ranking import LOWER_IS_BETTER, REFERENCES, Frames, metric_names
from pipeline.stage.errors import UserError

ALPHA = 0.05
MINIMUM = 3
"""Fewest images of a pair: Shapiro-Wilk needs three."""


class Test(NamedTuple):
    """One test of per-image differences against 0, two-sided."""

    test: str
    normality: float
    p: float


def _test(differences: NDArray[np.float64]) -> Test:
    """The test that suits the differences; no differences at all give p = 1."""
    if np.ptp(differences) == 0:
        # A constant difference has no spread to judge by: only its sign counts.
        p = float(stats.binomtest(0, len(differences)).pvalue) if differences[0] else 1.0
        return Test("sign", float("nan"), p)
    normality = float(stats.shapiro(differences).pvalue)
    if normality > ALPHA:
        return Test("t", normality, float(stats.ttest_1samp(differences, 0).pvalue))
    return Test("wilcoxon", normality, float(stats.wilcoxon(differences).pvalue))


def improvement_rate(differences: NDArray[np.float64]) -> float:
    """Share r of images on which the first method is better; equal images count half."""
    return float(np.mean(differences > 0) + np.mean(differences == 0) / 2)


def _differences(frames: Frames, metric: str, one: str, other: str) -> NDArray[np.float64]:
    """Per-image differences, positive where `one` is better."""
    both = frames[one].set_index("name")[metric], frames[other].set_index("name")[metric]
    if set(both[0].index) != set(both[1].index):
        raise UserError(f"{one} and {other} were evaluated on different images; `dvc repro` first")
    sign = -1.0 if metric in LOWER_IS_BETTER else 1.0
    difference: NDArray[np.float64] = sign * (both[0] - both[1].loc[both[0].index]).to_numpy()
    return difference


def _row(frames: Frames, metric: str, one: str, other: str) -> dict[str, object]:
    differences = _differences(frames, metric, one, other)
    rate = improvement_rate(differences)
    return {
        "metric": metric,
        "method": one,
        "other": other,
        "difference": float(differences.mean()),
        **_test(differences)._asdict(),
        "r": rate,
        "r_c": 2 * (rate - 0.5),
    }


def compare(frames: Frames) -> pd.DataFrame:
    """Test all pairs of methods in all metrics.

    Args:
        frames: metrics per image by method, columns `name` and one per metric. The references
            `ir` and `vis` are left out.

    Returns:
        One row a metric and unordered pair: metric, method, other, difference (mean over images,
        positive where `method` is better), test (`t`, `wilcoxon`, or `sign` for a constant
        difference), normality (p of Shapiro-Wilk), p, r, r_c, p_holm (corrected over all rows)
        and significant (p_holm < 0.05). Empty with fewer than two methods or three images.

    Raises:
        UserError: two methods were evaluated on different images.
    """
    from statsmodels.stats.multitest import multipletests

    judged = {name: frame for name, frame in frames.items() if name not in REFERENCES}
    pairs = list(combinations(judged, 2))
    enough = all(len(frame) >= MINIMUM for frame in judged.values())
    rows = [_row(judged, m, *pair) for m in metric_names(judged) for pair in pairs if enough]
    table = pd.DataFrame(rows)
    if rows:
        table["p_holm"] = multipletests(table["p"], method="holm")[1]
        table["significant"] = table["p_holm"] < ALPHA
    return table

"""Does one method beat another on more than luck? Section 4.3 of LKC-FUNet's paper.

For each metric and pair of methods the per-image differences are tested for normality
(Shapiro-Wilk); a paired t-test follows where they pass at 0.05, Wilcoxon's signed-rank test
where they do not. Holm-Bonferroni corrects over a family, see `compare`. How often the first
method is ahead is the improvement rate r, shown as r_c = 2 (r - 0.5). The paper leaves open the
family, the sides of the tests (here two) and ties (here half an improvement).
"""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from pipeline.params.fusion import Family
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
        "method": one,
        "other": other,
        "metric": metric,
        "difference": float(differences.mean()),
        **_test(differences)._asdict(),
        "r": rate,
        "r_c": 2 * (rate - 0.5),
    }


def _holm(p: pd.Series) -> NDArray[np.float64]:
    """Corrected p of one family, in its order."""
    from statsmodels.stats.multitest import multipletests

    corrected: NDArray[np.float64] = multipletests(p, method="holm")[1]
    return corrected


def _both_sides(table: pd.DataFrame) -> pd.DataFrame:
    """Each test once from the side of either method: the tests are two-sided, p is the same."""
    signs = {key: -table[key] for key in ("difference", "r_c")}
    turned = table.assign(method=table["other"], other=table["method"], r=1 - table["r"], **signs)
    return pd.concat([table, turned], ignore_index=True)


def compare(frames: Frames, family: Family = "method", proposed: str | None = None) -> pd.DataFrame:
    """Test one method, or each in turn, against every other in all metrics.

    Args:
        frames: metrics per image of one data set by method, columns `name` and one per metric.
            The references `ir` and `vis` are left out.
        family: what Holm-Bonferroni corrects over: `method`, one method's comparisons on this
            data set, all metrics and baselines; or `all_pairs`, those of any two methods.
        proposed: the method whose comparisons are wanted; None for each method's.

    Returns:
        One row a method, metric and other method: method, other, metric, difference (mean over
        images, positive where `method` is better), test (`t`, `wilcoxon`, or `sign` for a constant
        difference), normality (p of Shapiro-Wilk), p, r, r_c, p_holm (corrected over the family),
        significant (p_holm < 0.05) and tests (their number in the family). Empty with fewer than
        two methods or three images, or without the proposed one.

    Raises:
        UserError: two methods were evaluated on different images.
    """
    judged = {name: frame for name, frame in frames.items() if name not in REFERENCES}
    enough = all(len(frame) >= MINIMUM for frame in judged.values())
    pairs = [
        pair
        for pair in combinations(judged, 2)
        if enough and (family == "all_pairs" or proposed is None or proposed in pair)
    ]
    rows = [_row(judged, metric, *pair) for pair in pairs for metric in metric_names(judged)]
    if not rows:
        return pd.DataFrame()
    table = pd.DataFrame(rows)
    if family == "all_pairs":
        table = _both_sides(table.assign(p_holm=_holm(table["p"]), tests=len(table)))
    else:
        table = _both_sides(table)
        tests = table.groupby("method")["p"]
        table = table.assign(p_holm=tests.transform(_holm), tests=tests.transform("size"))
    table["significant"] = table["p_holm"] < ALPHA
    wanted = [proposed] if proposed is not None else list(judged)
    return pd.concat([table[table["method"] == method] for method in wanted], ignore_index=True)

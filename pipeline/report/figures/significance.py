"""Which method beats which by more than chance: the tests as a table, the heatmaps as pictures."""

from __future__ import annotations

import pandas as pd

from pipeline.report.collected import Results
from pipeline.report.figures.examples import best_fused
from pipeline.report.figures.heatmap import heatmap
from pipeline.report.figures.picture import Picture
from pipeline.report.figures.style import themed
from pipeline.report.statistics import significance


def comparisons(results: Results) -> pd.DataFrame:
    """All tests on the test images; empty where there is nothing to compare."""
    return significance.compare(results.fusion)


def _picture(tests: pd.DataFrame, method: str) -> Picture:
    return Picture(
        f"significance_{method}",
        themed(heatmap, tests, method),
        f"Heatmap of {method} against each other method in each metric: improvement rate and "
        "significance; its numbers are in reports/tables/significance.csv",
        f"{method} against each other method: r_c = 2 (r − 0.5) with r the share of images on "
        f"which {method} is better (blue), and the paired test's p after Holm–Bonferroni over "
        "all pairs and metrics.",
        wide=True,
    )


def heatmaps(results: Results, tests: pd.DataFrame) -> list[Picture]:
    """One heatmap a method, the one that segments best first."""
    if tests.empty:
        return []
    methods = list(results.fused_metrics)
    first = best_fused(results)
    methods.sort(key=lambda method: method != first)
    return [_picture(tests, method) for method in methods]

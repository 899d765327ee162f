"""Which method beats which by more than chance: the tests as a table, the heatmaps as pictures."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pipeline.params.fusion import Family, Significance
from pipeline.report.figures.heatmap import heatmap
from pipeline.report.figures.picture import Picture
from pipeline.report.figures.style import themed
from pipeline.report.statistics import significance
from pipeline.report.statistics.ranking import Frames


@dataclass(frozen=True)
class Heatmaps:
    """Figure 12 for one data set: a heatmap a method, the one of most interest first."""

    title: str
    pictures: list[Picture]


def comparisons(sets: dict[str, Frames], chosen: Significance) -> pd.DataFrame:
    """All tests on each set of pairs, its name in the column `set`; families never span sets."""
    tables = [
        significance.compare(frames, chosen.family, chosen.proposed).assign(set=name)
        for name, frames in sets.items()
    ]
    found = [table for table in tables if not table.empty]
    if not found:
        return pd.DataFrame()
    joined = pd.concat(found, ignore_index=True)
    return joined[["set", *joined.columns.drop("set")]]


def family_words(family: Family, method: str, tests: int, dataset: str) -> str:
    """What the p-values are corrected over."""
    if family == "all_pairs":
        return f"the {tests} comparisons of any two methods on {dataset}"
    return f"the {tests} comparisons of {method} on {dataset}"


def _picture(tests: pd.DataFrame, method: str, name: str, family: Family) -> Picture:
    own = tests[tests["method"] == method]
    dataset, count = str(own["set"].iloc[0]), int(own["tests"].iloc[0])
    return Picture(
        name,
        themed(heatmap, own, method),
        f"Heatmap of {method} against each other method in each metric on {dataset}: improvement "
        "rate and significance; its numbers are in tables/significance.csv",
        f"{method} against each other method on {dataset}: r_c = 2 (r − 0.5) with r the share of "
        f"images on which {method} is better (blue), and the paired test's p after Holm–Bonferroni "
        f"over {family_words(family, method, count, dataset)}: ** below 0.001, * below 0.05.",
        wide=True,
    )


def heatmaps(
    tests: pd.DataFrame, family: Family, first: str | None, prefixes: dict[str, str]
) -> list[Heatmaps]:
    """One group a set of pairs.

    Args:
        tests: from `comparisons`.
        family: over which they were corrected.
        first: the method whose heatmap leads.
        prefixes: of the files' names, `PREFIX_METHOD`, by set.
    """
    groups = []
    for name, prefix in prefixes.items():
        own = tests[tests["set"] == name] if len(tests) else tests
        methods = sorted(dict.fromkeys(own.get("method", [])), key=lambda method: method != first)
        pictures = [_picture(own, method, f"{prefix}_{method}", family) for method in methods]
        if pictures:
            groups.append(Heatmaps(name, pictures))
    return groups

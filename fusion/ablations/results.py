"""Measured rows beside the paper's."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pandas as pd

from fusion.ablations.rows import AblationRow, Ablations
from pipeline.report.statistics.ranking import LOWER_IS_BETTER, rank_sums
from pipeline.report.tables.table import Cell, Column, Row, Table


def _of_seed(files: Sequence[Path]) -> tuple[pd.Series, pd.Series]:
    """Mean of the sets' means, and std over the test images of all, by metric."""
    sets = [pd.read_csv(file).drop(columns="name") for file in files]
    means = pd.concat([values.mean() for values in sets], axis=1).mean(axis=1)
    return means, pd.concat(sets).std()


def _measured(seeds: Sequence[Sequence[Path]]) -> dict[str, Cell]:
    """Mean by metric; ± std over the seeds, of a single one over its test images."""
    found = [_of_seed(files) for files in seeds]
    means = pd.concat([values for values, _ in found], axis=1)
    stds = means.std(axis=1) if len(found) > 1 else found[0][1]
    return {str(m): Cell(float(means.loc[m].mean()), float(stds[m])) for m in means.index}


def _column(metric: str, found: list[Row]) -> Column:
    largest = max(abs(row.cells[metric].value or 0) for row in found if metric in row.cells)
    better: Literal["higher", "lower"] = "lower" if metric in LOWER_IS_BETTER else "higher"
    return Column(metric, metric, better, decimals=3 if largest < 100 else 1)


def _with_rank_sums(rows: list[Row], metrics: Sequence[str]) -> list[Row]:
    """The rows with the sum of their places among each other; as they are without a metric."""
    if not metrics:
        return rows
    values = {row.label: {metric: row.cells[metric].value for metric in metrics} for row in rows}
    sums = rank_sums({label: pd.DataFrame([cells]) for label, cells in values.items()})
    return [replace(row, cells=row.cells | {"ranking": Cell(sums[row.label])}) for row in rows]


def comparison(
    ablations: Ablations,
    method: str,
    table: str,
    chosen: dict[str, AblationRow],
    metrics: dict[str, list[list[Path]]],
    name: str,
) -> Table:
    """The paper's table with what was measured here; printed rows, where known, below each.

    Args:
        ablations: those of the method.
        method: its name.
        table: the paper's number of it.
        chosen: rows by key.
        metrics: files of each row's metrics by the same keys: of each seed, one a set of pairs.
        name: of the table's files.
    """
    labels = {key: f"({key}) {row.label}" for key, row in chosen.items()}
    ours = [Row(label, _measured(metrics[key])) for key, label in labels.items()]
    theirs = [
        printed
        for key, row in chosen.items()
        if (printed := row.published(method, table, labels[key]))
    ]
    keys = dict.fromkeys(metric for row in ours + theirs for metric in row.cells)
    counted = [key for key in keys if all(key in row.cells for row in ours + theirs)]
    columns = [_column(metric, ours + theirs) for metric in keys]
    columns += [Column("ranking", "Rank sum", better="lower", decimals=1)] if counted else []
    ours, theirs = _with_rank_sums(ours, counted), _with_rank_sums(theirs, counted)
    seeds = max(len(files) for files in metrics.values())
    spread = f"{seeds} seeds" if seeds > 1 else "the test images"
    summed = (
        f" The rank sum adds a row's places in {', '.join(counted)} among the measured rows, or "
        "among the printed ones."
    )
    caption = (
        f"Ablation of {ablations.paper}, table {table}: mean ± std over {spread}, where "
        "each of several sets of pairs weighs the same. Best in bold, second "
        f"underlined.{summed if counted else ''} {ablations.note}"
    )
    found = [row for label in labels.values() for row in ours + theirs if row.label == label]
    return Table(name, caption, "Variant", columns, found)

"""Measured rows beside the paper's."""

from itertools import groupby
from pathlib import Path
from typing import Literal

import pandas as pd

from fusion.ablations.rows import AblationRow, Ablations
from pipeline.report.statistics.ranking import LOWER_IS_BETTER
from pipeline.report.tables.table import Cell, Column, Row, Table


def _measured(path: Path) -> dict[str, Cell]:
    """Mean ± std over the test images, by metric."""
    values = pd.read_csv(path).drop(columns="name")
    return {
        str(metric): Cell(float(column.mean()), float(column.std()))
        for metric, column in values.items()
    }


def _column(metric: str, found: list[Row]) -> Column:
    largest = max(abs(row.cells[metric].value or 0) for row in found if metric in row.cells)
    better: Literal["higher", "lower"] = "lower" if metric in LOWER_IS_BETTER else "higher"
    return Column(metric, metric, better, decimals=3 if largest < 100 else 1)


def certainty(chosen: dict[str, AblationRow]) -> str:
    """Which rows are inferred, in what, and whether the paper's numbers are there; sentences."""
    groups = groupby(chosen, key=lambda key: chosen[key].inferred)
    inferred = [f"{what} ({', '.join(keys)})" for what, keys in groups if what]
    told = f"Rows with * are inferred, not read in the paper: {'; '.join(inferred)}."
    numbers = (
        "Rows marked `paper` are its printed numbers."
        if any(row.paper for row in chosen.values())
        else "The paper's printed numbers are not known here."
    )
    return f"{told} {numbers}" if inferred else numbers


def comparison(
    ablations: Ablations,
    table: str,
    chosen: dict[str, AblationRow],
    metrics: dict[str, Path],
    name: str,
) -> Table:
    """The paper's table with what was measured here; printed rows, where known, below each.

    Args:
        ablations: those of the method.
        table: the paper's number of it.
        chosen: rows by key.
        metrics: file of each row's metrics, one row a test image, by the same keys.
        name: of the table's files.
    """
    found = []
    for key, row in chosen.items():
        label = f"({key}{'*' * bool(row.inferred)}) {row.label}"
        found.append(Row(label, _measured(metrics[key])))
        if row.paper:
            printed = {metric: Cell(value) for metric, value in row.paper.items()}
            found.append(Row(label, printed, ranked=False, published="paper"))
    keys = dict.fromkeys(metric for row in found for metric in row.cells)
    columns = [_column(metric, found) for metric in keys]
    caption = (
        f"Ablation of {ablations.paper}, table {table} of the paper: mean ± std over the test "
        f"images. Best in bold, second underlined. {ablations.note} {certainty(chosen)}"
    )
    return Table(name, caption, "Variant", columns, found)

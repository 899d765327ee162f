"""Measured rows beside the paper's."""

from pathlib import Path
from typing import Literal

import pandas as pd

from fusion.ablations.rows import AblationRow, name_of
from pipeline.report.ranking import LOWER_IS_BETTER
from pipeline.report.table import Cell, Column, Row, Table

METRICS = Path("metrics/fusion")


def _measured(name: str) -> dict[str, Cell]:
    """Mean ± std over the test images, by metric."""
    values = pd.read_csv(METRICS / f"{name}.csv").drop(columns="name")
    return {
        str(metric): Cell(float(column.mean()), float(column.std()))
        for metric, column in values.items()
    }


def _column(metric: str, found: list[Row]) -> Column:
    largest = max(abs(row.cells[metric].value or 0) for row in found if metric in row.cells)
    better: Literal["higher", "lower"] = "lower" if metric in LOWER_IS_BETTER else "higher"
    return Column(metric, metric, better, decimals=3 if largest < 100 else 1)


def comparison(table: str, chosen: dict[str, AblationRow]) -> Table:
    """The paper's table with what was measured here; printed rows, where known, below each.

    Args:
        table: the paper's number of it.
        chosen: rows by letter; each has been evaluated.
    """
    found = []
    for letter, row in chosen.items():
        label = f"({letter}) {row.label}"
        found.append(Row(label, _measured(name_of(table, letter))))
        if row.paper:
            printed = {metric: Cell(value) for metric, value in row.paper.items()}
            found.append(Row(label, printed, ranked=False, published="paper"))
    metrics = dict.fromkeys(metric for row in found for metric in row.cells)
    columns = [_column(metric, found) for metric in metrics]
    caption = (
        f"Ablation of LKC-FUNet, table {table} of the paper: mean ± std over the test images. "
        "Best in bold, second underlined. Rows marked `paper` are printed numbers."
    )
    return Table(f"table_{table}", caption, "Variant", columns, found)

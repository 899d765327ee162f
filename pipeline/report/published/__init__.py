"""Numbers that papers print, to stand beside measured ones; never ranked with them.

`lkc_funet.csv` holds what is known for certain of Tables 4 to 7 of "Rethinking Normalization
Strategies and Convolutional Kernels for Multimodal Image Fusion" (arXiv 2411.10036): more rows
are added by adding lines. Columns: table, source, dataset (empty where there is none), method,
metric (the key of the report's column: a metric's name, `miou` in percent, `parameters` in
thousands) and value, as printed.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from pipeline.report.table import Cell, Row, Table

_FILES = Path(__file__).parent


def read() -> pd.DataFrame:
    """All published numbers: the files' columns, and `published`, True in every row."""
    files = sorted(_FILES.glob("*.csv"))
    text = {"dataset": str, "method": str}
    frames = [pd.read_csv(file, dtype=text, keep_default_na=False) for file in files]
    return pd.concat(frames, ignore_index=True).assign(published=True)


def rows(table: int, dataset: str | None = None) -> list[Row]:
    """One table's rows for the report, marked as published and not ranked.

    Args:
        table: number of the paper's table, 4 to 7.
        dataset: only rows on this data set, and those that belong to none.
    """
    numbers = read()
    numbers = numbers[numbers["table"] == table]
    if dataset is not None:
        numbers = numbers[numbers["dataset"].isin((dataset, ""))]
    found: dict[tuple[str, str], dict[str, Cell]] = {}
    for number in numbers.itertuples(index=False):
        cells = found.setdefault((str(number.method), str(number.source)), {})
        cells[str(number.metric)] = Cell(float(str(number.value)))
    return [
        Row(method, cells, ranked=False, published=source)
        for (method, source), cells in found.items()
    ]


def beside(table: Table, number: int, dataset: str) -> Table:
    """A measured table with the paper's rows of table `number` on `dataset` after its own."""
    return replace(table, rows=[*table.rows, *rows(number, dataset)])

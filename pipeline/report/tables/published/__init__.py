"""Numbers that papers print, to stand beside measured ones; never ranked with them.

A CSV per paper, with what is known for certain; more rows are added by adding lines:

- `lkc_funet`: of Tables 4 to 7 of "Rethinking Normalization Strategies and Convolutional Kernels
  for Multimodal Image Fusion". Its Table 4 and other methods' rows are missing: not found.
- `cddfuse`, `film`: as their authors' repositories print them, which say that they match the
  papers. `CDDFuse_IVF` and `CDDFuse_MIF` are its weights for infrared and for medical images.
- `mmif_amin`: parameters and GFLOPs at 256×256.

Columns: table (4 to 7, the one of LKC-FUNet's paper whose layout the number has), source, url,
convention of the metrics (empty where there are none), dataset (empty where it does not matter),
method, metric (the key of the report's column: a metric's name, `miou` in percent, `parameters`
in thousands, `flops` in billions) and value, as printed. `SSIM_sum` is the sum over both sources
that the shared script prints; no column shows it beside the mean.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from pipeline.report.tables.table import Cell, Row, Table

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
        convention = f"; convention {number.convention!s}" if number.convention else ""
        cells = found.setdefault((str(number.method), f"{number.source}{convention}"), {})
        cells[str(number.metric)] = Cell(float(str(number.value)))
    return [
        Row(method, cells, ranked=False, published=source)
        for (method, source), cells in found.items()
    ]


def beside(table: Table, number: int, dataset: str) -> Table:
    """A measured table with the paper's rows of table `number` on `dataset` after its own."""
    return replace(table, rows=[*table.rows, *rows(number, dataset)])

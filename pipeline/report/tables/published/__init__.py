"""Published numbers as rows beside measured ones, marked, and never ranked with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from pipeline.report.tables.published import papers
from pipeline.report.tables.published.numbers import numbers, row_names
from pipeline.report.tables.table import Cell, Row, Table


def _source(cells: pd.DataFrame) -> str:
    """Where a row is from, on how many pairs, by which convention or which networks."""
    first = cells.iloc[0]
    pairs = ", ".join(dict.fromkeys(cells["pairs"]))
    counted = f"; {pairs}{' pairs' if pairs.replace(', ', '').isdigit() else ''}" if pairs else ""
    convention = f"; convention {first['convention']}" if first["convention"] else ""
    network = f"; network: {first['network']}" if first["network"] else ""
    training = f"; training: {first['train_protocol']}" if first["train_protocol"] else ""
    return f"{first['source']}{counted}{convention}{network}{training}"


def _row(method: str, cells: pd.DataFrame, prefixed: bool) -> Row:
    keys = cells["dataset"] + "_" + cells["metric"] if prefixed else cells["metric"]
    made = {
        key: Cell(cell["value"], printed=cell["printed"], note=cell["note"])
        for key, cell in zip(keys, cells.to_dict("records"), strict=True)
    }
    remarks = "; ".join(dict.fromkeys(text for text in cells["name_note"] if text))
    return Row(method, made, ranked=False, published=_source(cells), note=remarks)


def rows(layout: str, datasets: Sequence[str] | None = None, prefixed: bool = False) -> list[Row]:
    """Published rows for one of the report's tables.

    Args:
        layout: as in `numbers`.
        datasets: only numbers on these data sets, and those that belong to none; None for all.
        prefixed: keys are `DATASET_METRIC`, for tables with several sets side by side.
    """
    found = numbers()
    found = found[found["layout"] == layout]
    if datasets is not None:
        found = found[found["dataset"].isin([*datasets, ""])]
    grouped = found.groupby(["source", "method"], sort=False)
    return [_row(str(method), cells, prefixed) for (_, method), cells in grouped]


def of_ablation(paper: str, table: str, where: dict[str, str], label: str) -> Row:
    """The row of a printed ablation, under a label of ours.

    Args:
        paper: `lkc_funet` or `mmif_amin`.
        table: its number in the paper.
        where: cells, by the printed table's columns, that find the row.
        label: of the row.
    """
    printed = papers.read(paper, table)
    for column, cell in where.items():
        printed = printed[printed[column] == cell]
    (name,) = row_names(printed)
    found = numbers()
    found = found[(found["paper"] == paper) & (found["table"] == table)]
    return _row(label, found[found["method"] == name], prefixed=False)


def beside(
    table: Table, layout: str, datasets: Sequence[str] | None = None, prefixed: bool = False
) -> Table:
    """A measured table with the published rows that share a column with it after its own."""
    keys = {column.key for column in table.columns}
    shared = [row for row in rows(layout, datasets, prefixed) if keys & row.cells.keys()]
    if not shared:
        return table
    caption = f"{table.caption} Rows with a source are as papers print them, and not ranked."
    return replace(table, caption=caption, rows=[*table.rows, *shared])

"""The few numbers that `dvc metrics show` compares between commits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.params import flatten
from pipeline.report.tables.table import Table


def summary(
    headline: Table | None, fusion: Table | None, for_all: Sequence[Table] = ()
) -> dict[str, Any]:
    """The mIoU and its differences by input, percent, and mean fusion metrics by method.

    Args:
        headline: of the main network trained on each input.
        fusion: of the data set's test images.
        for_all: of networks that judge all inputs; tables without mIoU are left out.
    """
    content: dict[str, Any] = {}
    if headline is not None:
        for key in ("miou", "delta_ir", "delta_vis"):
            values = {row.label: row.cells[key].value for row in headline.rows if key in row.cells}
            content[key] = {label: rounded(v) for label, v in values.items() if v is not None}
    for table in for_all:
        values = {row.label: row.cells["miou"].value for row in table.rows if "miou" in row.cells}
        if values:
            content[table.name] = {label: rounded(v) for label, v in values.items()}
    if fusion is not None:
        content["fusion"] = {
            row.label: {
                key: rounded(cell.value)
                for key, cell in row.cells.items()
                if cell.value is not None
            }
            for row in fusion.rows
            if not row.published
        }
    return content


def numbers(content: dict[str, Any]) -> dict[str, float]:
    """The summary on one level for MLflow, which draws `miou/ir` and `miou/vis` in one group."""
    return {
        key.replace(".", "/"): float(value)
        for key, value in flatten(content).items()
        if isinstance(value, int | float)
    }


def rounded(value: float | None) -> float | None:
    """Six significant digits: `dvc metrics diff` shows changes, not noise of summation."""
    return None if value is None else float(f"{value:.6g}")

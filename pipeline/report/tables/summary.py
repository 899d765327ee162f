"""The few numbers that `dvc metrics show` compares between commits."""

from __future__ import annotations

from typing import Any

from pipeline.report.tables.table import Table


def summary(headline: Table | None, fusion: Table | None) -> dict[str, Any]:
    """The mIoU and its differences by input, percent, and mean fusion metrics by method."""
    content: dict[str, Any] = {}
    if headline is not None:
        for key in ("miou", "delta_ir", "delta_vis"):
            values = {row.label: row.cells[key].value for row in headline.rows if key in row.cells}
            content[key] = {label: rounded(v) for label, v in values.items() if v is not None}
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


def rounded(value: float | None) -> float | None:
    """Six significant digits: `dvc metrics diff` shows changes, not noise of summation."""
    return None if value is None else float(f"{value:.6g}")

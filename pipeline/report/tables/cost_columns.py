"""What a fusion method costs, as columns and cells: parameters, FLOPs, time and memory."""

from __future__ import annotations

from typing import Any

from pipeline.report.tables.table import Cell, Column

_TIMED = {"cpu": "CPU", "onnx": "ONNX Runtime", "gpu": "GPU"}
"""Who fuses; ONNX Runtime does it on the CPU."""


def _suffix(costs: list[dict[str, Any]], size: str) -> tuple[str, str]:
    """What a size adds to a column's key and title; nothing to those of the paper's size."""
    return ("", "") if size == next(iter(costs[0]["sizes"])) else (f"_{size}", f" at {shown(size)}")


def shown(size: str) -> str:
    """A size as readers see it, `640×480` of `640x480`."""
    return size.replace("x", "×")


def _time_cells(who: str, measured: dict[str, Any] | None, suffix: str) -> dict[str, Cell]:
    """Time, and memory where it was measured; nothing for a device that is not there."""
    if measured is None or "not_measured" in measured:
        return {}
    spread = (measured["low_ms"], measured["high_ms"])
    cells = {f"{who}_ms{suffix}": Cell(measured["median_ms"], interval=spread)}
    if "peak_mib" in measured:
        cells[f"{who}_mib{suffix}"] = Cell(measured["peak_mib"])
    return cells


def cells_of(cost: dict[str, Any]) -> dict[str, Cell]:
    """Cost of one method; FLOPs are unknown for what is no network."""
    flops = next(iter(cost["sizes"].values()))["flops"]
    cells = {
        "parameters": Cell(cost["parameters"] / 1e3),
        "flops": Cell(None if flops is None else flops / 1e9),
    }
    for size, measured in cost["sizes"].items():
        suffix, _ = _suffix([cost], size)
        for who in _TIMED:
            cells |= _time_cells(who, measured[who], suffix)
    return cells


def _time_columns(costs: list[dict[str, Any]], size: str) -> list[Column]:
    """Times and memory at one size. ONNX Runtime's is there where it is only dashes, too."""
    suffix, at = _suffix(costs, size)
    columns = []
    for who, name in _TIMED.items():
        if any(cost["sizes"][size][who] is not None for cost in costs):
            time, memory = f"{name} time{at} (ms)", f"{name} memory{at} (MiB)"
            columns.append(Column(f"{who}_ms{suffix}", time, better="lower"))
            if who != "onnx":
                columns.append(Column(f"{who}_mib{suffix}", memory, better="lower"))
    return columns


def columns_of(costs: list[dict[str, Any]]) -> list[Column]:
    """Columns of parameters, FLOPs, times and memory, as far as one of the methods has them."""
    columns = [
        Column("parameters", "Parameters (k)", better="lower", decimals=1),
        Column("flops", "GFLOPs", better="lower", decimals=3),
    ]
    for size in costs[0]["sizes"]:
        columns += _time_columns(costs, size)
    return columns

"""Table 7: what each fusion method costs, beside what it is worth."""

from __future__ import annotations

from typing import Any

from pipeline.report.collected import SOURCES, Results
from pipeline.report.statistics import ranking
from pipeline.report.tables.segmentation import percent
from pipeline.report.tables.table import Cell, Column, Row, Table

_DEVICES = ("cpu", "gpu")


def _device_cells(device: str, measured: dict[str, Any]) -> dict[str, Cell]:
    spread = (measured["low_ms"], measured["high_ms"])
    return {
        f"{device}_ms": Cell(measured["median_ms"], interval=spread),
        f"{device}_mib": Cell(measured["peak_mib"]),
    }


def _cells(cost: dict[str, Any]) -> dict[str, Cell]:
    """Cost of one method; FLOPs are unknown for what is no network."""
    cells = {
        "parameters": Cell(cost["parameters"] / 1e3),
        "flops": Cell(None if cost["flops"] is None else cost["flops"] / 1e9),
    }
    for device in _DEVICES:
        if cost[device] is not None:
            cells |= _device_cells(device, cost[device])
    return cells


def _columns(measured: list[dict[str, Any]], results: Results) -> list[Column]:
    columns = [
        Column("parameters", "Parameters (k)", better="lower", decimals=1),
        Column("flops", "GFLOPs", better="lower", decimals=3),
    ]
    for device in _DEVICES:
        if any(cost[device] is not None for cost in measured):
            name = device.upper()
            columns.append(Column(f"{device}_ms", f"{name} time (ms)", better="lower"))
            columns.append(Column(f"{device}_mib", f"{name} memory (MiB)", better="lower"))
    if len(results.fusion) > 1:
        columns.append(Column("ranking", "Rank sum", better="lower", decimals=0))
    if results.segmented:
        columns.append(Column("miou", "mIoU (%)"))
    return columns


def _quality(results: Results) -> dict[str, dict[str, Cell]]:
    """Rank sum and mIoU of each method, as far as known."""
    ranks = ranking.rank_sums(results.fusion) if results.fusion else {}
    quality: dict[str, dict[str, Cell]] = {method: {} for method in results.fused}
    for method, cells in quality.items():
        if method in ranks:
            cells["ranking"] = Cell(ranks[method])
        if method in results.segmented:
            cells["miou"] = Cell(percent(results.segmented[method].scores["mean"]["miou"]))
    return quality


def cost_table(results: Results) -> Table | None:
    """Cost and quality of each method that was measured; None where none was."""
    measured = {
        method: cost
        for method, cost in results.cost.items()
        if method not in SOURCES and "not_measured" not in cost
    }
    if not measured:
        return None
    quality = _quality(results)
    rows = [Row(method, _cells(cost) | quality[method]) for method, cost in measured.items()]
    first = next(iter(measured.values()))
    height, width = first["image"]
    missing = [
        f"{method}: {cost['not_measured']}"
        for method, cost in results.cost.items()
        if method not in SOURCES and "not_measured" in cost
    ]
    caption = (
        f"Cost of fusing one {height}×{width} pair: learned parameters, FLOPs, median time with "
        f"its quartiles (CPU: {first['cpu']['threads']} threads), peak memory beyond weights and "
        "images; beside it the rank sum of the fusion metrics and the mIoU."
        + (f" Not measured: {'; '.join(missing)}." if missing else "")
    )
    return Table("cost", caption, "Method", _columns(list(measured.values()), results), rows)

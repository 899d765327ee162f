"""Table 7: what each fusion method costs, beside what it is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pipeline.report.collected import SOURCES, Results
from pipeline.report.statistics import ranking
from pipeline.report.tables import published
from pipeline.report.tables.cost_columns import cells_of, columns_of, shown
from pipeline.report.tables.segmentation import percent
from pipeline.report.tables.table import Cell, Column, Row, Table


def _columns(costs: list[dict[str, Any]], results: Results) -> list[Column]:
    columns = columns_of(costs)
    choice = results.params.fusion.evaluation.ranking
    if len(results.fusion) > 1 and ranking.counted(results.fusion, choice):
        columns.append(Column("ranking", "Rank sum", better="lower", decimals=0))
    if results.segmented:
        columns.append(Column("miou", "mIoU (%)"))
    return columns


def _quality(results: Results) -> dict[str, dict[str, Cell]]:
    """Rank sum and mIoU of each method, as far as known."""
    choice = results.params.fusion.evaluation.ranking
    ranks = ranking.rank_sums(results.fusion, choice) if results.fusion else {}
    quality: dict[str, dict[str, Cell]] = {method: {} for method in results.fused}
    for method, cells in quality.items():
        if method in ranks:
            cells["ranking"] = Cell(ranks[method])
        if method in results.segmented:
            cells["miou"] = Cell(percent(results.segmented[method].scores["mean"]["miou"]))
    return quality


def _by_reason(reasons: dict[str, str]) -> str:
    """`a, b: reason; c: another`."""
    methods: dict[str, list[str]] = {}
    for method, reason in reasons.items():
        methods.setdefault(reason, []).append(method)
    return "; ".join(f"{', '.join(names)}: {reason}" for reason, names in methods.items())


def _caption(measured: dict[str, dict[str, Any]], missing: dict[str, str], beside: str) -> str:
    """What the columns are, and why some cells are dashes."""
    sizes = next(iter(measured.values()))["sizes"]
    first, *others = map(shown, sizes)
    threads = next(iter(sizes.values()))["cpu"]["threads"]
    onnx = {
        method: reason
        for method, cost in measured.items()
        if (reason := next(iter(cost["sizes"].values()))["onnx"].get("not_measured"))
    }
    return (
        f"Cost of fusing one {first} pair{', and where it says so one of ' * bool(others)}"
        f"{' and '.join(others)}: learned parameters, FLOPs, median time with its quartiles (CPU: "
        f"{threads} threads), peak memory beyond weights and images{beside}. "
        "ONNX Runtime takes 8-bit images and gives them, on the CPU."
        + (f" Without its time: {_by_reason(onnx)}." if onnx else "")
        + (f" Not measured: {_by_reason(missing)}." if missing else "")
    )


def _beside(columns: list[Column], results: Results) -> str:
    """What stands beside the cost, for the caption."""
    choice = results.params.fusion.evaluation.ranking
    summed = ranking.counted_words(ranking.counted(results.fusion, choice))
    words = {
        "ranking": f"the rank sum over {summed} on {results.params.data.dataset}",
        "miou": "the mIoU",
    }
    told = [words[column.key] for column in columns if column.key in words]
    return f"; beside it {' and '.join(told)}" if told else ""


def table_7(table: Table, sums: dict[str, dict[str, Cell]] | None = None, words: str = "") -> Table:
    """A cost table with Table 7's rank sums on medical pairs, and the rows of both papers.

    Args:
        table: what was measured.
        sums: cells `rank_TASK` by method; only the printed ones if None.
        words: what the sums are over.
    """
    tasks = ("mri-ct", "mri-pet", "mri-spect")
    columns = [Column(f"rank_{task}", f"Rank sum {task.upper()}", "lower", 0) for task in tasks]
    if all(column.key != "gpu_ms" for column in table.columns):
        columns = [Column("gpu_ms", "GPU time (ms)", better="lower"), *columns]
    rows = [replace(row, cells=row.cells | (sums or {}).get(row.label, {})) for row in table.rows]
    told = f" Rank sums of each task are over {words}." if words else ""
    wider = replace(
        table, caption=table.caption + told, columns=[*table.columns, *columns], rows=rows
    )
    return published.beside(wider, "7")


def _parted(
    costs: dict[str, dict[str, Any]],
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """The costs that were measured, and why the others were not."""
    measured = {method: cost for method, cost in costs.items() if "not_measured" not in cost}
    return measured, {m: cost["not_measured"] for m, cost in costs.items() if m not in measured}


def plain(costs: dict[str, dict[str, Any]], methods: Sequence[str], name: str) -> Table:
    """Cost alone, a row for each method, also for those that were not measured."""
    measured, missing = _parted(costs)
    caption = _caption(measured, missing, "") if measured else "No cost was measured."
    columns = columns_of(list(measured.values())) if measured else []
    rows = [
        Row(method, cells_of(measured[method]) if method in measured else {}) for method in methods
    ]
    return Table(name, caption, "Method", columns, rows)


def cost_table(results: Results) -> Table | None:
    """Cost and quality of each method that was measured; None where none was."""
    costs = {method: cost for method, cost in results.cost.items() if method not in SOURCES}
    measured, missing = _parted(costs)
    if not measured:
        return None
    quality = _quality(results)
    rows = [Row(method, cells_of(cost) | quality[method]) for method, cost in measured.items()]
    columns = _columns(list(measured.values()), results)
    return Table(
        "cost", _caption(measured, missing, _beside(columns, results)), "Method", columns, rows
    )

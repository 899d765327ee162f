"""Several sets of pairs side by side, as LKC-FUNet's Tables 4 and 5 and the ranking of its Table 7.

A column is a metric of a set, its key `SET_METRIC`; rows are methods, then what papers print.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.params.fusion import Ranking
from pipeline.report.statistics import ranking as ranks
from pipeline.report.statistics.ranking import Frames
from pipeline.report.tables import published
from pipeline.report.tables.table import Cell, Column, Row, Table

PRINTED_SETS = ("msrs", "m3fd", "tno")
"""The sets of Table 5, in its order."""

_LARGE = ("SD", "AG", "SF", "PSNR", "MSE")
"""Metrics in gray levels or dB; the others are of the size of 1 and need a third decimal."""


def _columns(sets: Sequence[str], metrics: Sequence[str]) -> list[Column]:
    return [
        Column(
            f"{one}_{metric}",
            f"{one.upper()} {metric}",
            better="lower" if metric in ranks.LOWER_IS_BETTER else "higher",
            decimals=2 if metric in _LARGE else 3,
        )
        for one in sets
        for metric in metrics
    ]


def _rows(measured: dict[str, Frames], metrics: Sequence[str]) -> list[Row]:
    rows: dict[str, dict[str, Cell]] = {}
    for one, frames in measured.items():
        for method, frame in frames.items():
            cells = {
                f"{one}_{metric}": Cell(float(frame[metric].mean()))
                for metric in metrics
                if metric in frame
            }
            rows.setdefault(method, {}).update(cells)
    return [
        Row(method, cells, ranked=method not in ranks.REFERENCES) for method, cells in rows.items()
    ]


def _counts(measured: dict[str, Frames]) -> str:
    counts = {one: len(next(iter(frames.values()))) for one, frames in measured.items() if frames}
    return ", ".join(f"{count} of {one.upper()}" for one, count in counts.items())


def side_by_side(
    name: str,
    measured: dict[str, Frames],
    metrics: Sequence[str],
    convention: str,
    layout: str,
    sets: Sequence[str] | None = None,
) -> Table:
    """Means of each metric on each set, with the published rows of these sets below.

    Args:
        name: of the table's files.
        measured: metrics per image, by set and then method.
        metrics: columns of each set.
        convention: which definition of the metrics.
        layout: of the published rows, `4` or `5`.
        sets: those that have columns; the measured ones if None.
    """
    shown = list(measured) if sets is None else list(sets)
    caption = (
        f"Means over the test pairs ({_counts(measured)}), convention “{convention}”. Best in "
        "bold, second underlined."
    )
    table = Table(name, caption, "Method", _columns(shown, metrics), _rows(measured, metrics))
    return published.beside(table, layout, shown, prefixed=True)


def table_5(measured: dict[str, Frames], convention: str) -> Table | None:
    """Table 5's three sets and six metrics; None if none of the sets was measured."""
    found = {one: measured[one] for one in PRINTED_SETS if measured.get(one)}
    if not found:
        return None
    return side_by_side("table_5", found, ranks.PAPER_METRICS, convention, "5", PRINTED_SETS)


def rank_cells(
    measured: dict[str, Frames], ranking: Ranking
) -> tuple[dict[str, dict[str, Cell]], str]:
    """Rank sums of each set, for Table 7.

    Returns:
        Cells `rank_SET` by method, and what is summed, in words.
    """
    cells: dict[str, dict[str, Cell]] = {}
    for one, frames in measured.items():
        for method, total in ranks.rank_sums(frames, ranking).items():
            cells.setdefault(method, {})[f"rank_{one}"] = Cell(total)
    frames = next(iter(measured.values()), {})
    return cells, ranks.counted_words(ranks.counted(frames, ranking))

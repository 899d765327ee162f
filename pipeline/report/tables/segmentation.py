"""The verdict in numbers: IoU per class and mIoU of each input, in the layout of Table 6."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipeline.data.twins import counts
from pipeline.report.collected import SOURCES, Results, Segmented
from pipeline.report.statistics.bootstrap import Resampled, difference
from pipeline.report.statistics.judges import Judge
from pipeline.report.tables.table import Cell, Column, Row, Table

_ABSENT = "; – is a class that no test image shows"


def percent(value: float | None) -> float | None:
    """A fraction in percent; None stays None."""
    return None if value is None else 100 * value


def spread(scores: dict[str, Any], *keys: str) -> Cell:
    """Mean and std over seeds of one score, percent; one seed has no std."""
    mean, std = scores["mean"], scores["std"]
    for key in keys:
        mean, std = mean[key], (std or {}).get(key)
    return Cell(percent(mean), percent(std) if len(scores["per_seed"]) > 1 else None)


def differences(resampled: dict[str, Resampled], name: str) -> dict[str, Cell]:
    """Percentage points of mIoU over that of IR and of VIS, with the bootstrap's interval.

    Args:
        resampled: of all inputs by the same draws.
        name: the input that is compared.
    """
    cells = {}
    for source in SOURCES:
        if source != name and source in resampled:
            found = difference(resampled[name], resampled[source])
            interval = (100 * found.low, 100 * found.high)
            cells[f"delta_{source}"] = Cell(100 * found.difference, interval=interval)
    return cells


def seeds_of(segmented: dict[str, Segmented]) -> str:
    """How many seeds the numbers are of, for a caption."""
    count = max(len(one.seeds) for one in segmented.values())
    return f"mean ± std over {count} seeds" if count > 1 else "one seed"


def _by_whom(judge: Judge) -> str:
    if judge.protocol:
        return f"by one {judge.network} for all inputs, trained on both cameras' train images"
    return f"by {judge.network} trained on each input"


def _drawn(results: Results) -> str:
    found = counts(results.twins)
    alike = found["test_pairs"] - found["test_clusters"]
    return "test images" + (f" in {found['test_clusters']} clusters of alike ones" if alike else "")


def _name(results: Results, judge: Judge) -> str:
    """Of the table's files: plain for the main network, with the others' names for theirs."""
    if judge.protocol:
        return f"{judge.protocol}_{judge.network}"
    main = judge.network == results.params.segmentation.main_network
    return "segmentation" if main else f"segmentation_{judge.network}"


def _difference_columns(rows: list[Row]) -> list[Column]:
    """A column for each camera that one of the rows is compared with."""
    return [
        Column(
            f"delta_{source}",
            f"Δ {source.upper()}",
            better="",
            signed=True,
            hint=f"mIoU minus that of {source.upper()}, with its 95 % interval",
        )
        for source in SOURCES
        if any(f"delta_{source}" in row.cells for row in rows)
    ]


def headline(results: Results, judge: Judge) -> Table:
    """Rows inputs, columns IoU of each class, mIoU, and the differences to IR and VIS."""
    columns = [Column(name, name.replace("_", " ")) for name in results.classes]
    columns.append(Column("miou", "mIoU", hint="mean IoU over the classes"))
    rows = []
    for name, segmented in judge.segmented.items():
        cells = {one: spread(segmented.scores, "iou", one) for one in results.classes}
        cells["miou"] = spread(segmented.scores, "miou")
        rows.append(Row(name, cells | differences(judge.resampled, name)))
    against = _difference_columns(rows)
    delta = (
        "Δ: difference of mIoU in points, with the 95 % interval of a "
        f"paired bootstrap over {_drawn(results)} and seeds. "
    )
    caption = (
        f"IoU per class and mIoU on the {len(results.test)} test images of "
        f"{results.params.data.dataset} {_by_whom(judge)}, percent, "
        f"{seeds_of(judge.segmented)}. {delta * bool(against)}Best in bold, second underlined"
        f"{_ABSENT}. Protocol {judge.version['version']}."
    )
    return Table(_name(results, judge), caption, "Input", [*columns, *against], rows)


def brief(table: Table) -> Table:
    """The headline table without the classes, for a README."""
    start = next(place for place, column in enumerate(table.columns) if column.key == "miou")
    caption = table.caption.replace("IoU per class and mIoU", "mIoU").replace(_ABSENT, "")
    return replace(table, name="results", caption=caption, columns=table.columns[start:])

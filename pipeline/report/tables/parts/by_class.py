"""IoU per class with intervals over images and seeds: of each input, and against a camera."""

from __future__ import annotations

from pipeline.report.statistics.by_class import ByClass, difference, spreads
from pipeline.report.tables.table import Cell, Column, Row, Table


def _row(name: str, found: ByClass, classes: list[str]) -> Row:
    cells = {
        one: Cell(100 * spread[0], interval=(100 * spread[1], 100 * spread[2]))
        for one, spread in zip(classes, spreads(found), strict=True)
        if spread is not None
    }
    return Row(name, cells)


def _seen(rows: list[Row], classes: list[str], signed: bool) -> list[Column]:
    """Columns of the classes that the test images show."""
    better = "" if signed else "higher"
    return [
        Column(one, one.replace("_", " "), better, signed=signed)  # type: ignore[arg-type]
        for one in classes
        if any(one in row.cells for row in rows)
    ]


_SAYS = (
    "95 % intervals of a bootstrap over test images and seeds, over the draws that show the class; "
    "each is of one class, not of all at once"
)


def iou_table(found: dict[str, ByClass], classes: list[str], where: str) -> Table:
    """IoU of each class that the test images show.

    Args:
        found: by input.
        classes: in label order.
        where: what it was measured on, for the caption.
    """
    rows = [_row(name, one, classes) for name, one in found.items()]
    caption = f"IoU per class on {where}, percent, with {_SAYS}. Best in bold, second underlined."
    return Table("by_class", caption, "Input", _seen(rows, classes, signed=False), rows)


def difference_table(
    found: dict[str, ByClass], classes: list[str], source: str, where: str
) -> Table:
    """Points of IoU of each other input over the camera `source`, in the same draws."""
    others = [name for name in found if name != source]
    rows = [_row(name, difference(found[name], found[source]), classes) for name in others]
    caption = (
        f"Difference of IoU to {source.upper()} per class on {where}, points, with paired {_SAYS}."
    )
    columns = _seen(rows, classes, signed=True)
    return Table(f"by_class_{source}", caption, f"Against {source.upper()}", columns, rows)

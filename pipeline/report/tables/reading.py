"""A table back from its Markdown: what is drawn from a page's numbers shows those and no others."""

from __future__ import annotations

import re

from pipeline.report.tables.table import ABSENT, Cell, Column, Row, Table

_KEYS = {"mIoU": "miou", "Δ IR": "delta_ir", "Δ VIS": "delta_vis"}
_NUMBER = r"[+-]?[\d,]+(?:\.\d+)?"
_CELL = re.compile(
    rf"(?P<value>{_NUMBER})(?: ± (?P<std>{_NUMBER}))?"
    rf"(?: \[(?P<low>{_NUMBER}), (?P<high>{_NUMBER})\])?"
)


def from_markdown(text: str, name: str) -> Table:
    """The table that `formats.to_markdown` wrote, as many digits as that has.

    Args:
        text: lines of the table, and of its caption.
        name: of the table.

    Raises:
        ValueError: a cell is no number.
    """
    lines = [line for line in text.splitlines() if line.startswith("|")]
    head, *titles = _cells(lines[0])
    columns = [_column(title) for title in titles]
    rows = []
    for line in lines[2:]:
        label, *cells = _cells(line)
        found = {c.key: _cell(one) for c, one in zip(columns, cells, strict=True) if one != ABSENT}
        rows.append(Row(label, found))
    caption = text.rpartition("|\n")[2].strip()
    return Table(name, caption, head, columns, rows)


def _cells(line: str) -> list[str]:
    """Of one line, without the marks of best and second."""
    plain = re.sub(r"\*\*|</?u>", "", line)
    return [cell.strip() for cell in plain.strip("|").split("|")]


def _column(title: str) -> Column:
    plain = title.rstrip("\u00a0 ↑↓")
    better = "higher" if title.endswith("↑") else "lower" if title.endswith("↓") else ""
    return Column(_KEYS.get(plain, plain.replace(" ", "_")), plain, better)  # type: ignore[arg-type]


def _cell(text: str) -> Cell:
    plain = text.replace("−", "-").replace("\u202f", "")
    found = _CELL.fullmatch(plain)
    if found is None:
        raise ValueError(f"{text!r} is no number of a table")
    part = {key: float(value) for key, value in found.groupdict().items() if value is not None}
    interval = (part["low"], part["high"]) if "low" in part else None
    return Cell(part["value"], part.get("std"), interval)

"""A table of measured numbers, before it becomes text in some format."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from string import ascii_lowercase
from typing import Literal

ABSENT = "–"
Mark = Literal["best", "second", ""]


@dataclass(frozen=True)
class Cell:
    """One number with what is known about its spread; None is an absent one.

    Attributes:
        printed: a published number's own digits, shown as they are; '' for a measured one.
        note: what must be known of just this number, a footnote.
    """

    value: float | None = None
    std: float | None = None
    interval: tuple[float, float] | None = None
    printed: str = ""
    note: str = ""


@dataclass(frozen=True)
class Column:
    """How one column is headed, printed and ranked.

    Attributes:
        key: name in the CSV.
        title: heading.
        better: which end is best; '' for columns that are not ranked.
        decimals: digits after the point.
        signed: print `+` before positive values: a difference.
        hint: what the column means, in a few words.
    """

    key: str
    title: str
    better: Literal["higher", "lower", ""] = "higher"
    decimals: int = 1
    signed: bool = False
    hint: str = ""

    def number(self, value: float) -> str:
        """`value` as printed, with a true minus sign; never a negative zero."""
        rounded = round(value, self.decimals) + 0.0
        sign = "+" if self.signed and rounded > 0 else ""
        return f"{sign}{rounded:,.{self.decimals}f}".replace("-", "−").replace(",", "\u202f")

    def text(self, cell: Cell) -> str:
        """`cell` as printed: `63.9 ± 0.4`, `+4.1 [+2.0, +6.3]` or –."""
        if cell.value is None:
            return ABSENT
        if cell.printed:
            return cell.printed
        parts = [self.number(cell.value)]
        if cell.std is not None:
            parts.append(f"± {cell.std:.{self.decimals}f}")
        if cell.interval is not None:
            low, high = cell.interval
            parts.append(f"[{self.number(low)}, {self.number(high)}]")
        return " ".join(parts)


@dataclass(frozen=True)
class Row:
    """One method or input.

    Attributes:
        label: its name.
        cells: by column key; a missing one is absent.
        ranked: whether it takes part in best and second.
        published: source of numbers that were not measured here, and after `; ` what is known of
            how they were; '' for measured ones.
        note: what must be known of the label, a footnote.
    """

    label: str
    cells: dict[str, Cell]
    ranked: bool = True
    published: str = ""
    note: str = ""


@dataclass(frozen=True)
class Table:
    """A named table; `caption` says what is in it, with unit and spread.

    Attributes:
        head: heading of the first column.
    """

    name: str
    caption: str
    head: str
    columns: list[Column]
    rows: list[Row] = field(default_factory=list)

    def cell(self, row: Row, column: Column) -> Cell:
        """The row's cell in a column, absent if it has none."""
        return row.cells.get(column.key, Cell())

    @cached_property
    def notes(self) -> dict[str, str]:
        """Marks `a`, `b`, … of all footnotes, by the note, in the order of rows and columns."""
        found = [
            note
            for row in self.rows
            for note in (row.note, *(self.cell(row, column).note for column in self.columns))
            if note
        ]
        return {note: ascii_lowercase[place] for place, note in enumerate(dict.fromkeys(found))}

    @property
    def has_published(self) -> bool:
        """Whether a row is from a paper."""
        return any(row.published for row in self.rows)

    def mark(self, row: Row, column: Column) -> Mark:
        """Whether the row has the best or second-best value of a column; equals share a place."""
        value = self.cell(row, column).value
        if not column.better or not row.ranked or value is None:
            return ""
        sign = 1 if column.better == "higher" else -1
        values = [self.cell(other, column).value for other in self.rows if other.ranked]
        known = [other for other in values if other is not None]
        if len(known) < 2:
            return ""
        better = len({other for other in known if sign * other > sign * value})
        return ("best", "second", "")[min(better, 2)]

"""How a stage ended, and the table of all of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from rich.table import Table

from pipeline.cluster.clones.exchange import Parcel

State = Literal["ran", "restored", "unchanged", "failed", "stopped", "not run"]
GOOD: tuple[State, ...] = ("ran", "restored", "unchanged")


@dataclass(frozen=True)
class Outcome:
    """How a stage ended.

    Attributes:
        stage: its name.
        state: `restored`: from DVC's run cache; `unchanged`: DVC found nothing to do;
            `not run`: what it needs failed.
        where: host, and GPUs if any.
        seconds: from start to end, with DVC's own work.
        error: first line of what went wrong.
        parcel: what goes beside the DVC remote, between clones.
    """

    stage: str
    state: State
    where: str = ""
    seconds: float = 0.0
    error: str = ""
    parcel: Parcel | None = None

    @property
    def good(self) -> bool:
        """Whether its results are there."""
        return self.state in GOOD


def clock(seconds: float | None) -> str:
    """Seconds as `1:02:03` or `2:03`; a dash for None."""
    if seconds is None:
        return "–"
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def table(outcomes: list[Outcome]) -> Table:
    """One row a stage that did not merely stay as it was."""
    made = Table(box=None)
    made.add_column("stage", no_wrap=True)
    for title in ("result", "where", "time", "first line of what went wrong"):
        made.add_column(title)
    for one in outcomes:
        if one.state != "unchanged":
            style = None if one.good else "red"
            time = clock(one.seconds) if one.seconds else ""
            made.add_row(one.stage, one.state, one.where, time, one.error, style=style)
    return made


def summary(outcomes: list[Outcome], up_to_date: int, seconds: float) -> str:
    """All of it in one line."""
    counts = Counter(one.state for one in outcomes)
    counts["unchanged"] += up_to_date
    told = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    return f"{told or 'nothing to do'}; {clock(seconds)}"

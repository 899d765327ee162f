"""Day or night of each pair: by its name, or by a file that says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipeline.params import DataParams
from pipeline.stage.errors import UserError
from pipeline.stage.home import resolve

TimeOf = Callable[[str], str]
"""`day`, `night` or '' of a pair's name."""

TIMES = ("day", "night", "")


def unknown(name: str) -> str:
    """Of a data set that does not tell."""
    return ""


def by_name(name: str) -> str:
    """`day` or `night` by the last letter of an MSRS name (`00001D`, `00001N`), else ''.

    Only for data sets that are named so: elsewhere `scene_1D` means something else.
    """
    if len(name) < 2 or not name[-2].isdigit():
        return ""
    return {"D": "day", "N": "night"}.get(name[-1], "")


def _table(path: Path) -> dict[str, str]:
    """Times by name from the columns of a `.csv`. Raises as `read`."""
    import pandas as pd

    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    missing = [column for column in ("name", "day_night") if column not in table]
    if missing:
        found = ", ".join(table.columns)
        raise UserError(f"{path}: columns {found}; allowed are name and day_night")
    for line, time in enumerate(table["day_night"], 2):
        if time not in TIMES:
            raise UserError(f"{path}: line {line}: {time!r}; allowed are day, night or nothing")
    return dict(zip(table["name"], table["day_night"], strict=True))


def _list(path: Path) -> TimeOf:
    """Names of night, one a line, with or without an ending; all others are of day."""
    lines = path.read_text(encoding="utf-8").split("\n")
    night = {Path(line.strip()).stem for line in lines if line.strip()}
    return lambda name: "night" if name in night else "day"


def read(path: Path) -> TimeOf:
    """The times that a file tells.

    Args:
        path: a table `.csv` with columns name and day_night, where a pair that is missing has no
            time; or a list `.txt` of the names of night, where it is of day.

    Raises:
        UserError: not there, of another ending, or with something else in it.
    """
    if not path.is_file():
        raise UserError(f"data.times: {path}: no such file")
    if path.suffix == ".csv":
        times = _table(path)
        return lambda name: times.get(name, "")
    if path.suffix == ".txt":
        return _list(path)
    raise UserError(f"data.times: {path}: allowed are .csv, a table, and .txt, a list of night")


def times(data: DataParams) -> TimeOf:
    """How the data set tells day from night. Raises as `read`."""
    if data.times is not None:
        return read(resolve(data.times))
    return by_name if data.named_by_time else unknown

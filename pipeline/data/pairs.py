"""The prepared data set as the stages see it: names of pairs, and a file for each image."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipeline.results import left_out
from pipeline.stage.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

Split = Literal["train", "test"]
SPLITS: tuple[Split, ...] = ("train", "test")
Kind = Literal["ir", "vi", "label"]


def names_path(directory: Path, split: Split) -> Path:
    """The file that lists the pairs of a split: column name, one row a pair."""
    return directory / split / "names.csv"


def times_path(directory: Path, split: Split) -> Path:
    """The file of their times: columns name and day_night. Only scores and the report read it."""
    return directory / split / "times.csv"


def _read(path: Path) -> pd.DataFrame:
    """A table of text. Raises UserError if there is none: `prepare` has not run."""
    import pandas as pd

    if not path.is_file():
        raise UserError(f"{path}: no such file; run `dvc repro prepare` first")
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def names(directory: Path, split: Split) -> list[str]:
    """Names of the pairs of a split, in their order. Raises UserError without `names_path`."""
    return _read(names_path(directory, split))["name"].tolist()


def read_times(directory: Path, split: Split) -> pd.DataFrame:
    """Columns name and day_night (`day`, `night` or ''), one row a pair, in their order.

    Raises:
        UserError: there is no `times_path`, `prepare` has not run.
    """
    return _read(times_path(directory, split))


def has_labels(directory: Path, split: Split) -> bool:
    """Whether the data set has labels; without, `prepare` says so where they would lie."""
    return left_out.read(directory / split / "label") is None


def image_path(directory: Path, split: Split, kind: Kind, name: str) -> Path:
    """File of one image: `directory/split/kind/NAME.png`."""
    return directory / split / kind / f"{name}.png"

"""The prepared data set as the stages see it: a manifest and a file name for each image."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipeline.params.data import MANIFEST_COLUMNS
from pipeline.stage.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

Split = Literal["train", "test"]
SPLITS: tuple[Split, ...] = ("train", "test")
Kind = Literal["ir", "vi", "label"]


def read_manifest(directory: Path) -> pd.DataFrame:
    """Read `directory/manifest.csv`: one row a pair, `MANIFEST_COLUMNS`, then a class a column.

    Raises:
        UserError: there is none, `prepare` has not run.
    """
    import pandas as pd

    path = directory / "manifest.csv"
    if not path.is_file():
        raise UserError(f"{path}: no such file; run `dvc repro prepare` first")
    return pd.read_csv(path, dtype={"name": str, "day_night": str}, keep_default_na=False)


def names(manifest: pd.DataFrame, split: Split) -> list[str]:
    """Names of the pairs of `split`, in the manifest's order."""
    return manifest.loc[manifest["split"] == split, "name"].tolist()


def has_labels(manifest: pd.DataFrame) -> bool:
    """Whether the data set has labels: the manifest counts pixels of classes then."""
    return len(manifest.columns) > len(MANIFEST_COLUMNS)


def image_path(directory: Path, split: Split, kind: Kind, name: str) -> Path:
    """File of one image: `directory/split/kind/NAME.png`."""
    return directory / split / kind / f"{name}.png"

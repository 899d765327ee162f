"""The files of a report beside its page: tables in three formats, figures, the tests as CSV."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from pipeline.images.whole import write_bytes, write_text
from pipeline.report.figures.picture import Picture
from pipeline.report.tables import formats
from pipeline.report.tables.table import Table


def write(
    folder: Path, tables: Iterable[Table], pictures: Iterable[Picture], tests: pd.DataFrame
) -> list[Path]:
    """Write `folder/tables` and `folder/figures`.

    Args:
        folder: of the report.
        tables: each as `NAME.csv`, `NAME.md` and `NAME.tex`.
        pictures: each as `NAME.png`, on white.
        tests: of significance, as `significance.csv`; none where it is empty.

    Returns:
        All files, those worth keeping in MLflow.
    """
    for table in tables:
        formats.write(table, folder / "tables")
    for picture in pictures:
        write_bytes(folder / "figures" / f"{picture.name}.png", picture.themes["light"])
    if not tests.empty:
        write_text(folder / "tables/significance.csv", tests.to_csv(index=False))
    return sorted((folder / "tables").glob("*")) + sorted((folder / "figures").glob("*"))

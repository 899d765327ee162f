"""Every numeric table of the papers of LKC-FUNet and MMIF-AMIN, as printed; see its README.md."""

from pathlib import Path

import pandas as pd

from pipeline.stage.errors import UserError

FOLDER = Path(__file__).parent


def read(paper: str, table: int | str) -> pd.DataFrame:
    """One printed table.

    Args:
        paper: `lkc_funet` or `mmif_amin`.
        table: its number in the paper.

    Returns:
        The file's rows and columns as text, to the printed digit; '' where a cell does not apply.

    Raises:
        UserError: no such table.
    """
    path = FOLDER / f"{paper}_table_{table}.csv"
    if not path.is_file():
        there = ", ".join(sorted(file.stem for file in FOLDER.glob("*.csv")))
        raise UserError(f"{path.stem}: no such table of a paper; there are {there}")
    return pd.read_csv(path, dtype=str, keep_default_na=False)

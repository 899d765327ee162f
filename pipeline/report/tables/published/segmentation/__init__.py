"""Segmentation scores that papers and public repositories print, with the protocol as stated."""

from pathlib import Path

import pandas as pd

_FOLDER = Path(__file__).parent


def read(name: str) -> pd.DataFrame:
    """One of the files, as text to the printed digit.

    Args:
        name: `msrs_miou` and `fmb_miou` are the scores, percent; `repositories` says of each
            source where it prints them.
    """
    return pd.read_csv(_FOLDER / f"{name}.csv", dtype=str, keep_default_na=False)

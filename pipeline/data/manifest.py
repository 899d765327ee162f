"""The manifest: one row a pair, and what share of the pixels each class has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.data.checks import Checked
from pipeline.data.times import TimeOf, unknown
from pipeline.params.data import MANIFEST_COLUMNS

if TYPE_CHECKING:
    import pandas as pd


def manifest(
    checked: Sequence[Checked], classes: Sequence[str], time_of: TimeOf = unknown
) -> pd.DataFrame:
    """One row a pair: `MANIFEST_COLUMNS`, then the pixels of each class if there are labels.

    Args:
        checked: the pairs.
        classes: class names in label order.
        time_of: day or night of a pair.
    """
    import pandas as pd

    labelled = all(one.pixels for one in checked)
    columns = [*MANIFEST_COLUMNS, *(classes if labelled else ())]
    rows = []
    for one in checked:
        name = one.pair.name
        rows.append((one.pair.split, name, one.height, one.width, time_of(name), *one.pixels))
    return pd.DataFrame(rows, columns=columns)


def has_classes(table: pd.DataFrame) -> bool:
    """Whether a manifest counts pixels of classes: the data set has labels then."""
    return len(table.columns) > len(MANIFEST_COLUMNS)


def class_shares(table: pd.DataFrame) -> pd.DataFrame:
    """How common the classes are.

    Args:
        table: a manifest with labels.

    Returns:
        One row a split and class: split, class, images (that show it), pixels, share (of all
        pixels of the split that count, 0 to 1).
    """
    import pandas as pd

    rows = []
    for split, part in table.groupby("split", sort=False):
        counts = part.drop(columns=list(MANIFEST_COLUMNS))
        total = counts.to_numpy().sum()
        for name in counts.columns:
            pixels = int(counts[name].sum())
            rows.append((split, name, int((counts[name] > 0).sum()), pixels, pixels / total))
    return pd.DataFrame(rows, columns=["split", "class", "images", "pixels", "share"])


def ignored_share(table: pd.DataFrame) -> float:
    """Share of all pixels, 0 to 1, that are of no class, by a manifest with labels."""
    counted = table.drop(columns=list(MANIFEST_COLUMNS)).to_numpy().sum()
    return float(1 - counted / (table["height"] * table["width"]).sum())

"""Metrics of fused images on disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from fusion.metrics.pair import NAMES, evaluate
from pipeline.images.pixels import read_gray, read_rgb
from pipeline.images.whole import write_text
from pipeline.params.metrics import Convention
from pipeline.stage.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    from fusion.apply.own_pairs import Triple


def evaluate_files(
    files: Sequence[Triple], convention: Convention, title: str, metrics: Sequence[str] = NAMES
) -> pd.DataFrame:
    """Metrics of each fused file under a convention.

    Args:
        files: of each pair: ir, vi, fused.
        convention: which definition of the metrics.
        title: of the progress bar.
        metrics: which.

    Returns:
        One row a pair: `name` (of the fused file, without extension), then the metrics.

    Raises:
        UserError: a fused image that is missing, or a pair whose sizes differ or are too small;
            the message names the file.
    """
    import pandas as pd

    for *_, fused in files:
        if not fused.is_file():
            raise UserError(f"{fused}: no such fused image; run the fuse stage of this method")
    rows = []
    for ir, vi, fused in tqdm(files, desc=title, unit="pair", dynamic_ncols=True):
        images = read_rgb(fused), read_gray(ir), read_rgb(vi)
        try:
            values = evaluate(*images, convention, metrics)
        except UserError as error:
            raise UserError(f"{fused}: {error}") from None
        rows.append({"name": fused.stem} | values)
    return pd.DataFrame(rows)


def means(table: pd.DataFrame) -> dict[str, float]:
    """Mean of each metric over images."""
    return {str(name): float(value) for name, value in table.drop(columns="name").mean().items()}


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write what `evaluate_files` gave as CSV, nine significant digits."""
    write_text(path, table.to_csv(index=False, float_format="%.9g"))

"""Fill a folder with checked pairs in MSRS's layout, and their manifest."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from tqdm import tqdm

from pipeline.data import checks
from pipeline.data.checks import Checked
from pipeline.data.coding import Coding
from pipeline.data.layout import Pair, Problem
from pipeline.data.manifest import manifest
from pipeline.data.pairs import Kind, Split, image_path, names_path, times_path
from pipeline.data.times import TimeOf, unknown
from pipeline.images.pixels import read_gray, read_label, read_rgb, write_png
from pipeline.images.whole import write_text
from pipeline.results import left_out

if TYPE_CHECKING:
    import pandas as pd

_READERS = {"ir": read_gray, "vi": read_rgb, "label": read_label}
_MODES = {"ir": "L", "vi": "RGB", "label": "L"}


def fill(
    directory: Path,
    pairs: list[Pair],
    problems: list[Problem],
    coding: Coding,
    time_of: TimeOf = unknown,
) -> pd.DataFrame:
    """Check pairs, write them in MSRS's layout, and a manifest.

    Args:
        directory: gets `{train,test}/{ir,vi,label}`, `{train,test}/{names,times}.csv`,
            `manifest.csv`.
        pairs: from `layout.scan`.
        problems: likewise.
        coding: how labels are read; unused without any.
        time_of: day or night of a pair.

    Returns:
        The manifest.

    Raises:
        UserError: something is wrong with the data; all problems are printed first.
    """
    checked, more = checks.check(pairs, coding)
    checks.refuse(problems + more)
    for one in tqdm(checked, desc="write images", unit="pair", dynamic_ncols=True):
        store(one, directory, coding)
    table = manifest(checked, coding.classes, time_of)
    write_text(directory / "manifest.csv", table.to_csv(index=False, lineterminator="\n"))
    for split, part in table.groupby("split"):
        _write_split(directory, part, split)  # type: ignore[arg-type]
    return table


def _write_split(directory: Path, part: pd.DataFrame, split: Split) -> None:
    """Names and times of a split, each for who reads them; a note where labels are missing."""
    for path, columns in (
        (names_path(directory, split), ["name"]),
        (times_path(directory, split), ["name", "day_night"]),
    ):
        write_text(path, part[columns].to_csv(index=False, lineterminator="\n"))
    if not (directory / split / "label").is_dir():
        left_out.write(directory / split / "label", "the data set has no labels")


def store(checked: Checked, directory: Path, coding: Coding) -> None:
    """Put one pair into `directory/split/{ir,vi,label}/NAME.png`.

    A PNG that has the right form already is copied byte for byte, anything else is written anew.
    Labels become class indices, also those of scenes that were drawn into `directory` itself.
    Copies, not hard links: DVC makes its files read-only, and an original must not become so.
    """
    pair = checked.pair
    sources: dict[Kind, Path | None] = {"ir": pair.ir, "vi": pair.vi, "label": pair.label}
    for kind, source in sources.items():
        if source is None:
            continue
        target = image_path(directory, pair.split, kind, pair.name)  # type: ignore[arg-type]
        if kind == "label" and not coding.as_stored:
            write_png(target, coding.read(source)[0])
            continue
        if source.resolve() == target.resolve():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if _right_form(source, kind):
            shutil.copyfile(source, target)
        else:
            write_png(target, _READERS[kind](source))


def _right_form(path: Path, kind: Kind) -> bool:
    with Image.open(path) as image:
        return image.format == "PNG" and image.mode == _MODES[kind]

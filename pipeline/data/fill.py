"""Fill a folder with checked pairs in MSRS's layout, and their manifest."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from tqdm import tqdm

from pipeline.data import checks
from pipeline.data.checks import Checked
from pipeline.data.layout import Pair, Problem
from pipeline.data.manifest import manifest
from pipeline.data.pairs import Kind, Split, image_path, names_path
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
    classes: tuple[str, ...],
    named_by_time: bool = False,
) -> pd.DataFrame:
    """Check pairs, write them in MSRS's layout, and a manifest.

    Args:
        directory: gets `{train,test}/{ir,vi,label}`, `{train,test}/names.csv`, `manifest.csv`.
        pairs: from `layout.scan`.
        problems: likewise.
        classes: class names in label order; unused without labels.
        named_by_time: whether names say day and night, see `manifest.day_night`.

    Returns:
        The manifest.

    Raises:
        UserError: something is wrong with the data; all problems are printed first.
    """
    checked, more = checks.check(pairs, classes)
    checks.refuse(problems + more)
    for one in tqdm(checked, desc="write images", unit="pair", dynamic_ncols=True):
        store(one, directory)
    table = manifest(checked, classes, named_by_time)
    write_text(directory / "manifest.csv", table.to_csv(index=False, lineterminator="\n"))
    for split, part in table.groupby("split"):
        _write_split(directory, part, split)  # type: ignore[arg-type]
    return table


def _write_split(directory: Path, part: pd.DataFrame, split: Split) -> None:
    """The names of a split, apart from what its labels count; a note where labels are missing."""
    names = part[["name", "day_night"]].to_csv(index=False, lineterminator="\n")
    write_text(names_path(directory, split), names)
    if not (directory / split / "label").is_dir():
        left_out.write(directory / split / "label", "the data set has no labels")


def store(checked: Checked, directory: Path) -> None:
    """Put one pair into `directory/split/{ir,vi,label}/NAME.png`.

    A PNG that has the right form already is copied byte for byte, anything else is written anew.
    Copies, not hard links: DVC makes its files read-only, and an original must not become so.
    """
    pair = checked.pair
    sources: dict[Kind, Path | None] = {"ir": pair.ir, "vi": pair.vi, "label": pair.label}
    for kind, source in sources.items():
        if source is None:
            continue
        target = image_path(directory, pair.split, kind, pair.name)  # type: ignore[arg-type]
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

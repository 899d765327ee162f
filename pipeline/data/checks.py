"""Check every image before anything is trained; show all problems at once."""

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table
from tqdm import tqdm

from pipeline.data.coding import Coding
from pipeline.data.layout import Pair, Problem
from pipeline.images.pixels import IGNORED, read_gray, read_rgb
from pipeline.stage.errors import UserError

# Gray stored in three channels comes back from JPEG with a level or two between them.
_GRAY_TOLERANCE = 3


@dataclass(frozen=True)
class Checked:
    """What decoding a pair told about it.

    Attributes:
        pair: its files.
        height: pixels.
        width: pixels.
        pixels: number of pixels of each class, ignored ones aside; empty without labels.
    """

    pair: Pair
    height: int
    width: int
    pixels: tuple[int, ...]


def check(pairs: Sequence[Pair], coding: Coding) -> tuple[list[Checked], list[Problem]]:
    """Decode every file of `pairs`.

    Args:
        pairs: as `layout.scan` found them.
        coding: how labels are read.

    Returns:
        What is known about each sound pair, in order, and every problem: unreadable images,
        infrared with colours, sizes that differ, label values that are no class.
    """
    # Pillow decodes outside Python's lock, so threads are enough.
    with ThreadPoolExecutor() as pool:
        results = pool.map(lambda pair: _check(pair, coding), pairs)
        bar = tqdm(results, "check images", len(pairs), unit="pair", dynamic_ncols=True)
        found = list(bar)
    checked = [result for result, _ in found if result]
    return checked, [problem for _, problems in found for problem in problems]


def _check(pair: Pair, coding: Coding) -> tuple[Checked | None, list[Problem]]:
    """One pair: what is known about it, or its problems."""
    problems: list[Problem] = []
    sizes: dict[str, tuple[int, ...]] = {}
    counts: tuple[int, ...] = ()
    try:
        sizes["ir"] = read_gray(pair.ir).shape
        problems += _coloured(pair.ir)
    except UserError as error:
        problems.append(_unreadable(pair.ir, error))
    try:
        sizes["vi"] = read_rgb(pair.vi).shape[:2]
    except UserError as error:
        problems.append(_unreadable(pair.vi, error))
    if pair.label:
        try:
            label, foreign = coding.read(pair.label)
            sizes["label"] = label.shape
            counted = np.bincount(label[label != IGNORED], minlength=len(coding.classes))
            counts = tuple(counted.tolist())
            problems += _foreign(pair.label, foreign, coding)
        except UserError as error:
            problems.append(_unreadable(pair.label, error))
    problems += _differing(pair, sizes)
    if problems:
        return None, problems
    height, width = sizes["ir"]
    return Checked(pair, height, width, counts), []


def _unreadable(path: Path, error: UserError) -> Problem:
    return Problem(path, str(error).removeprefix(f"{path}: "), "a whole image")


def _coloured(path: Path) -> list[Problem]:
    """Infrared may come in three channels if they are equal; false colours have no one meaning."""
    channels = read_rgb(path).astype(np.int16)
    spread = int((channels.max(axis=2) - channels.min(axis=2)).max())
    if spread <= _GRAY_TOLERANCE:
        return []
    return [Problem(path, "channels that differ", "gray, in one channel or three equal ones")]


def _foreign(path: Path, foreign: list[str], coding: Coding) -> list[Problem]:
    if not foreign:
        return []
    kind = "colour" if coding.by_colour else "value"
    return [Problem(path, f"label {kind} {', '.join(foreign)}", coding.allowed)]


def _differing(pair: Pair, sizes: dict[str, tuple[int, ...]]) -> list[Problem]:
    if len(set(sizes.values())) <= 1:
        return []
    found = ", ".join(f"{kind} {width}x{height}" for kind, (height, width) in sizes.items())
    return [Problem(pair.ir, found, "one size for all images of a scene")]


def refuse(problems: Sequence[Problem]) -> None:
    """Print all problems as one table and stop; do nothing if there are none.

    Raises:
        UserError: there is a problem; the message names the first and how many there are.
    """
    if not problems:
        return
    table = Table("file", "found", "allowed", box=box.SIMPLE_HEAD, title="problems in the data")
    for problem in problems:
        table.add_row(str(problem.file), problem.found, problem.allowed)
    # In a log file lines have no end: a path cut in two could not be copied.
    Console(stderr=True, width=None if sys.stderr.isatty() else 1000).print(table)
    first = problems[0]
    more = f" (and {len(problems) - 1} more, see the table)" if len(problems) > 1 else ""
    raise UserError(f"{first.file}: {first.found}; allowed: {first.allowed}{more}")

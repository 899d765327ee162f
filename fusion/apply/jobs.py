"""What is to be judged: pairs of one's own, each with all that was fused of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline.images.listing import images
from pipeline.stage.errors import UserError


class Job(NamedTuple):
    """One pair, and all that was fused of it.

    Attributes:
        name: of the pair.
        ir: file.
        vis: file.
        fused: files, in the order of the command line.
    """

    name: str
    ir: Path
    vis: Path
    fused: tuple[Path, ...]


def jobs_of(ir: Path, vis: Path, fused: Sequence[Path]) -> list[Job]:
    """Pair up files, or the files of folders by their names.

    Raises:
        UserError: a path that is not there, files and folders mixed, fused images without a pair,
            or folders of fused images that do not hold the same names.
    """
    places = (ir, vis, *fused)
    for place in places:
        if not place.exists():
            raise UserError(f"{place}: no such file or folder")
    if all(place.is_file() for place in places):
        return [Job(ir.stem, ir, vis, tuple(fused))]
    if not all(place.is_dir() for place in places):
        kinds = ", ".join(f"{p} is a {'folder' if p.is_dir() else 'file'}" for p in places)
        raise UserError(f"{kinds}; give files only, or folders only")
    sources, made = [images(ir), images(vis)], [images(folder) for folder in fused]
    names = list(made[0])
    for folder, found in zip(fused, made, strict=True):
        _same_names(fused[0], names, folder, list(found))
    for folder, found in zip((ir, vis), sources, strict=True):
        missing = [name for name in names if name not in found]
        if missing:
            raise UserError(f"{folder}: no image {missing[0]}, which {fused[0]} has")
    return [
        Job(name, sources[0][name], sources[1][name], tuple(found[name] for found in made))
        for name in names
    ]


def _same_names(first: Path, expected: list[str], folder: Path, names: list[str]) -> None:
    if not names:
        raise UserError(f"{folder}: no images")
    alone = sorted(set(expected) ^ set(names))
    if alone:
        raise UserError(
            f"{first} and {folder}: {len(expected)} and {len(names)} images, {alone[0]} in one of "
            "them only; all must hold the same names"
        )


def labels_of(fused: Sequence[Path]) -> list[str]:
    """A name for each column: of the file or folder, else of its folder, else the whole path."""
    own = [place.stem if place.is_file() else place.resolve().name for place in fused]
    folders = [place.resolve().parent.name for place in fused]
    for names in (own, folders):
        if len(set(names)) == len(names):
            return names
    return [str(place) for place in fused]

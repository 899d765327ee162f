"""MSRS's layout on disk: which image files there are and which belong together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.images.listing import ENDINGS, by_name, strangers

SPLITS = ("train", "test")
LABEL_FOLDERS = ("label", "Segmentation_labels")


@dataclass(frozen=True)
class Problem:
    """Something the user has to mend: where, what was found, what is allowed."""

    file: Path
    found: str
    allowed: str


@dataclass(frozen=True)
class Pair:
    """The files of one scene; `label` is None in a data set without labels."""

    split: str
    name: str
    ir: Path
    vi: Path
    label: Path | None


def scan(
    root: Path, ir: str = "ir", vi: str = "vi", label: str | None = None
) -> tuple[list[Pair], list[Problem]]:
    """Find the pairs under `root/{train,test}/{ir,vi,label}`; nothing is decoded.

    `Segmentation_labels` is another name for `label`. Files belong together by name without
    ending. Hidden files are not looked at.

    Args:
        root: the data set.
        ir: name of the folders of the gray images.
        vi: name of the folders of the colour images.
        label: name of the folders of the labels, of which there must be one in each split then.

    Returns:
        The complete pairs in order of split and name, and every problem: missing or empty
        folders, missing partners, foreign or doubled files, labels in one split only, a name in
        both splits.
    """
    if not root.is_dir():
        return [], [Problem(root, "no such folder", "a folder with train and test")]
    problems: list[Problem] = []
    kinds = {"ir": (ir,), "vi": (vi,), "label": (label,) if label else LABEL_FOLDERS}
    if not label and not any(_named(root / split, LABEL_FOLDERS).is_dir() for split in SPLITS):
        del kinds["label"]
    pairs = [pair for split in SPLITS for pair in _split(root / split, kinds, problems)]
    train = {pair.name for pair in pairs if pair.split == "train"}
    for pair in pairs:
        if pair.split == "test" and pair.name in train:
            problems.append(Problem(pair.ir, "name is in train too", "each name in one split"))
    return pairs, problems


def hold_out(pairs: list[Pair], every: int) -> list[Pair]:
    """Train pairs alone, each `every`-th of them by name as the split that is judged.

    Args:
        pairs: from `scan`; those of the test split are left aside.
        every: at least 2.

    Returns:
        The train pairs in order of split and name, `test` being those held out.
    """
    train = [pair for pair in pairs if pair.split == "train"]
    held = [replace(pair, split="test") for pair in train[every - 1 :: every]]
    names = {pair.name for pair in held}
    return [pair for pair in train if pair.name not in names] + held


def _named(split: Path, names: tuple[str, ...]) -> Path:
    """The first of the folders `names` that is there, else where the first would be."""
    there = (split / name for name in names if (split / name).is_dir())
    return next(there, split / names[0])


def _split(
    folder: Path, kinds: Mapping[str, tuple[str, ...]], problems: list[Problem]
) -> list[Pair]:
    """The pairs of one split, by the names that the folder of each kind may have."""
    folders = {kind: _named(folder, names) for kind, names in kinds.items()}
    files = {kind: _images(path, problems) for kind, path in folders.items()}
    if not all(files.values()):  # said already; a partner list would only repeat it
        return []
    complete = []
    for name in sorted(set().union(*files.values())):
        missing = [kind for kind in files if name not in files[kind]]
        for kind in missing:
            problems.append(Problem(folders[kind] / name, "missing", _partners(files, name)))
        if not missing:
            label = files["label"][name] if "label" in files else None
            pair = Pair(folder.name, name, files["ir"][name], files["vi"][name], label)
            complete.append(pair)
    return complete


def _partners(files: dict[str, dict[str, Path]], name: str) -> str:
    present = " and ".join(kind for kind in files if name in files[kind])
    return f"a partner of the file in {present}"


def _images(folder: Path, problems: list[Problem]) -> dict[str, Path]:
    """Image files of a folder by name without ending."""
    if not folder.is_dir():
        problems.append(Problem(folder, "no such folder", "a folder of images"))
        return {}
    found = by_name(folder)
    for path in strangers(folder, [file for files in found.values() for file in files]):
        problems.append(Problem(path, "not an image", f"files ending in {' '.join(ENDINGS)}"))
    for first, *others in found.values():
        for other in others:
            problems.append(Problem(other, f"same name as {first.name}", "one file a name"))
    if not found:
        problems.append(Problem(folder, "no image in it", "at least one image"))
    return {name: files[0] for name, files in found.items()}

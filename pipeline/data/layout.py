"""MSRS's layout on disk: which image files there are and which belong together."""

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


def scan(root: Path, ir: str = "ir", vi: str = "vi") -> tuple[list[Pair], list[Problem]]:
    """Find the pairs under `root/{train,test}/{ir,vi,label}`; nothing is decoded.

    `Segmentation_labels` is another name for `label`. Files belong together by name without
    ending. Hidden files are not looked at.

    Args:
        root: the data set.
        ir: name of the folders of the gray images.
        vi: name of the folders of the colour images.

    Returns:
        The complete pairs in order of split and name, and every problem: missing or empty
        folders, missing partners, foreign or doubled files, labels in one split only, a name in
        both splits.
    """
    if not root.is_dir():
        return [], [Problem(root, "no such folder", "a folder with train and test")]
    problems: list[Problem] = []
    labelled = any(_label_folder(root / split) for split in SPLITS)
    pairs = [pair for s in SPLITS for pair in _split(root / s, ir, vi, labelled, problems)]
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


def _label_folder(split: Path) -> Path | None:
    return next((split / name for name in LABEL_FOLDERS if (split / name).is_dir()), None)


def _split(folder: Path, ir: str, vi: str, labelled: bool, problems: list[Problem]) -> list[Pair]:
    """The pairs of one split."""
    folders = {"ir": folder / ir, "vi": folder / vi}
    if labelled:
        folders["label"] = _label_folder(folder) or folder / LABEL_FOLDERS[0]
    files = {kind: _images(path, problems) for kind, path in folders.items()}
    if not all(files.values()):  # said already; a partner list would only repeat it
        return []
    complete = []
    for name in sorted(set().union(*files.values())):
        missing = [kind for kind in files if name not in files[kind]]
        for kind in missing:
            problems.append(Problem(folders[kind] / name, "missing", _partners(files, name)))
        if not missing:
            label = files["label"][name] if labelled else None
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

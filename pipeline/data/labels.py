"""The labels of a data set as two short hashes: whose scores can stand beside each other."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from pipeline.data.pairs import SPLITS, Split, image_path, names
from pipeline.images.pixels import read_label
from pipeline.stage.errors import UserError


def labels_path(directory: Path) -> Path:
    """The file of the hashes by split."""
    return directory / "labels.json"


def digest(directory: Path, split: Split) -> str:
    """32 hexadecimal digits of a split's names and its labels' pixels, however they are stored."""
    content = hashlib.blake2b(digest_size=16)
    for name in names(directory, split):
        label = read_label(image_path(directory, split, "label", name))
        content.update(f"{name} {label.shape}\n".encode() + label.tobytes())
    return content.hexdigest()


def measure(directory: Path) -> dict[str, str]:
    """`digest` of both splits of a prepared data set with labels."""
    return {split: digest(directory, split) for split in SPLITS}


def read(directory: Path) -> dict[str, str]:
    """What `prepare` measured; empty without labels. Raises UserError if it has not run."""
    path = labels_path(directory)
    if not path.is_file():
        raise UserError(f"{path}: no such file; run `dvc repro prepare` first")
    content: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return content

"""Files and folders that are there whole or not at all: made beside the target, then renamed."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def replacing(path: Path | str) -> Iterator[Path]:
    """Give a path to write to that becomes `path` at the end, or vanishes if the block fails."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        yield partial
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_bytes(path: Path | str, content: bytes) -> None:
    """Write `content` to `path` atomically, making its folder if need be."""
    with replacing(path) as partial:
        partial.write_bytes(content)


def write_text(path: Path | str, content: str) -> None:
    """Write UTF-8 text atomically."""
    write_bytes(path, content.encode("utf-8"))


def json_text(content: Any) -> str:
    """Indented JSON; NaN and infinity are errors, for JSON has none."""
    return json.dumps(content, indent=2, allow_nan=False) + "\n"


def write_json(path: Path | str, content: Any) -> None:
    """Write indented JSON atomically; NaN and infinity are errors, for JSON has none."""
    write_text(path, json_text(content))


def put_in_place(made: Path, target: Path) -> None:
    """Move a finished folder to `target`, whatever was there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    shutil.move(made, target)


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A fresh folder beside `target` that takes its place when the block ends without an error.

    What a killed process left behind earlier is removed first. Each attempt has a folder of its
    own, so a child that outlived such a process cannot write into the new one.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for leftover in target.parent.glob(f".{target.name}.partial-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{target.name}.partial-", dir=target.parent))
    try:
        new, old = partial / "new", partial / "old"
        new.mkdir()
        yield new
        if target.exists():
            target.rename(old)
        new.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)

"""Files that are there whole or not at all: written beside the target, synced, renamed."""

import json
import os
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


def write_json(path: Path | str, content: Any) -> None:
    """Write indented JSON atomically; NaN and infinity are errors, for JSON has none."""
    write_text(path, json.dumps(content, indent=2, allow_nan=False) + "\n")

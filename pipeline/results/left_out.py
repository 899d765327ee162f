"""What is not there, and why: a note in the place of images that a data set or method lacks."""

from __future__ import annotations

import json
from pathlib import Path

from pipeline.images.whole import write_json

NAME = "left_out.json"


def read(directory: Path) -> str | None:
    """The reason that a stage left in `directory`, None if it went on."""
    file = directory / NAME
    if not file.is_file():
        return None
    reason: str = json.loads(file.read_text(encoding="utf-8"))["reason"]
    return reason


def write(directory: Path, reason: str) -> None:
    """Leave the reason for the stages that follow."""
    write_json(directory / NAME, {"reason": reason})

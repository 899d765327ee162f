"""Inputs that are not segmented, and why: no images to train on, or no labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.data import pairs
from pipeline.images.whole import write_json

if TYPE_CHECKING:
    import pandas as pd

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


def find(manifest: pd.DataFrame, images: Path) -> str | None:
    """Why the input with fused images in `images` cannot be segmented, None if it can."""
    if not pairs.has_labels(manifest):
        return "the data set has no labels"
    return read(images)

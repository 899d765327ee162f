"""Resumable state: whole or absent, never unpickled, and only for the job that wrote it."""

import shutil
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from pipeline.images.whole import replacing
from pipeline.results import paths
from pipeline.stage.errors import UserError


def place(out: Path, mark: str) -> Path:
    """Where the training with fingerprint `mark` that writes `out` keeps its state."""
    return paths.unfinished(out, mark) / "last.pt"


def forget(out: Path, mark: str) -> None:
    """Drop the state of a training: its results are in `out`."""
    shutil.rmtree(paths.unfinished(out, mark), ignore_errors=True)


def save(path: Path, state: dict[str, Any], mark: str) -> None:
    """Write `state` (tensors, numbers, strings and containers of them) under fingerprint `mark`."""
    with replacing(path) as partial, partial.open("wb") as file:
        try:
            torch.save({"fingerprint": mark, "state": state}, file)
        except RuntimeError as error:
            # PyTorch's words for a full disk name a position in the file, not the disk.
            raise (error.__context__ if isinstance(error.__context__, OSError) else error) from None


def load(path: Path, mark: str) -> dict[str, Any] | None:
    """State that a killed run of this very job left, or None.

    Args:
        path: file that `save` wrote.
        mark: fingerprint of the job; a checkpoint of other params, data or code is ignored.

    Raises:
        UserError: the file is not a checkpoint.
    """
    if not path.is_file():
        return None
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        return content["state"] if content["fingerprint"] == mark else None
    except (RuntimeError, KeyError, TypeError, OSError, ValueError, UnpicklingError) as error:
        raise UserError(f"{path}: not a checkpoint ({error}); delete it to start anew") from None

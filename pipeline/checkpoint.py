"""Resumable state: whole or absent, never unpickled, and only for the job that wrote it."""

import hashlib
import json
import shutil
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from pydantic import BaseModel

from pipeline.errors import UserError
from pipeline.files import replacing


def _bytes_of(part: Any) -> bytes:
    if isinstance(part, BaseModel):
        return part.model_dump_json().encode()
    return json.dumps(part, sort_keys=True, default=str).encode()


def fingerprint(*parts: Any) -> str:
    """Hash everything a training depends on.

    Args:
        *parts: params (models, dicts, numbers, strings), and `Path`s, which count by the content
            of the file, or of all files below the folder with their names.

    Returns:
        64 hexadecimal digits.
    """
    digest = hashlib.blake2b(digest_size=32)
    for part in parts:
        if isinstance(part, Path):
            files = sorted(part.rglob("*")) if part.is_dir() else [part]
            for file in files:
                if file.is_file() and "__pycache__" not in file.parts:
                    digest.update(str(file.relative_to(part)).encode() + b"\0")
                    digest.update(hashlib.blake2b(file.read_bytes()).digest())
        else:
            digest.update(_bytes_of(part) + b"\0")
    return digest.hexdigest()


def place(out: Path) -> Path:
    """Where the training that writes `out`, a folder in `artifacts/`, keeps its state."""
    return Path("checkpoints") / out.relative_to("artifacts") / "last.pt"


def forget(out: Path) -> None:
    """Drop the state of all trainings whose results are in `out` or below: they are done."""
    shutil.rmtree(place(out).parent, ignore_errors=True)


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

"""A hash of everything that a result depends on."""

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel


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

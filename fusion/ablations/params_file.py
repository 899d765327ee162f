"""Methods that stand in a file of params just while they are run."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from pipeline.images.whole import write_text
from pipeline.stage.errors import UserError

_MARK = "  # ablation, while it runs"


def without(text: str) -> str:
    """`text` without the lines that `with_entries` added, also those of a killed run."""
    return "".join(line for line in text.splitlines(True) if not line.rstrip().endswith(_MARK))


def with_entries(text: str, entries: dict[str, Any], keys: Sequence[str]) -> str:
    """Add entries to the mapping at `keys`, one line each; all else stays byte for byte.

    Args:
        text: of a file of params.
        entries: by name.
        keys: path to the methods, e.g. `fusion`, `methods`.

    Raises:
        UserError: a name is taken, or the last key is not followed by indented lines.
    """
    path = ".".join(keys)
    wanted = methods = yaml.safe_load(text)
    for key in keys:
        methods = methods[key]
    if taken := entries.keys() & methods.keys():
        raise UserError(f"{path}: {', '.join(sorted(taken))} taken; rename yours")
    methods.update(entries)
    head = rf"^( *){keys[-1]}:[ \t]*(?:#.*)?\n(?:[ \t]*(?:#.*)?\n)*(?=(\1 +)\S)"
    for found in re.finditer(head, text, re.M):
        lines = [f"{found[2]}{name}: {json.dumps(e)}{_MARK}\n" for name, e in entries.items()]
        changed = text[: found.end()] + "".join(lines) + text[found.end() :]
        # The last key may occur elsewhere too; only the right place gives what we want.
        if yaml.safe_load(changed) == wanted:
            return changed
    raise UserError(f"{path}: must be in block style, one indented entry a line")


@contextmanager
def added(path: Path, entries: dict[str, Any], keys: Sequence[str]) -> Iterator[None]:
    """Let `entries` be methods of the params file at `path` inside the block.

    The file may be edited meanwhile: at the end only the added lines go.
    """
    text = without(path.read_text(encoding="utf-8"))
    write_text(path, with_entries(text, entries, keys))
    try:
        yield
    finally:
        write_text(path, without(path.read_text(encoding="utf-8")))

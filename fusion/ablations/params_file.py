"""Methods that stand in `params.yaml` just while they are run."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from pipeline.errors import UserError
from pipeline.files import write_text

_MARK = "  # ablation, while it runs"


def without(text: str) -> str:
    """`text` without the lines that `with_entries` added, also those of a killed run."""
    return "".join(line for line in text.splitlines(True) if not line.rstrip().endswith(_MARK))


def with_entries(text: str, entries: dict[str, Any]) -> str:
    """Add entries to `fusion.methods`, one line each; all else stays byte for byte.

    Args:
        text: of a `params.yaml`.
        entries: by name.

    Raises:
        UserError: a name is taken, or `methods:` is not followed by indented lines.
    """
    wanted = yaml.safe_load(text)
    if taken := entries.keys() & wanted["fusion"]["methods"].keys():
        raise UserError(f"fusion.methods: {', '.join(sorted(taken))} taken; rename yours")
    wanted["fusion"]["methods"].update(entries)
    pattern = re.compile(r"^( +)methods:[ \t]*(?:#.*)?\n(?:[ \t]*(?:#.*)?\n)*(?=(\1 +)\S)", re.M)
    for found in pattern.finditer(text):
        lines = [f"{found[2]}{name}: {json.dumps(e)}{_MARK}\n" for name, e in entries.items()]
        changed = text[: found.end()] + "".join(lines) + text[found.end() :]
        # `methods:` may occur elsewhere in the file too; only the right place gives what we want.
        if yaml.safe_load(changed) == wanted:
            return changed
    raise UserError("params.yaml: fusion.methods must be in block style, one indented entry a line")


@contextmanager
def added(path: Path, entries: dict[str, Any]) -> Iterator[None]:
    """Let `entries` be methods of the params file at `path` inside the block.

    The file may be edited meanwhile: at the end only the added lines go.
    """
    text = without(path.read_text(encoding="utf-8"))
    write_text(path, with_entries(text, entries))
    try:
        yield
    finally:
        write_text(path, without(path.read_text(encoding="utf-8")))

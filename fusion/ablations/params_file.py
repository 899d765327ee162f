"""Methods that stand in a file of params just while they are run."""

import json
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


def _methods(text: str, keys: Sequence[str]) -> yaml.MappingNode:
    """The mapping at `keys`, with its place in `text`; raises as `with_entries`."""
    node = yaml.compose(text, yaml.SafeLoader)
    for key in keys:
        inner = node.value if isinstance(node, yaml.MappingNode) else []
        node = next((value for name, value in inner if name.value == key), None)
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        raise UserError(f"{'.'.join(keys)}: must be in block style, one indented entry a line")
    return node


def with_entries(text: str, entries: dict[str, Any], keys: Sequence[str]) -> str:
    """Add entries to the mapping at `keys`, one line each; all else stays byte for byte.

    Args:
        text: of a file of params.
        entries: by name.
        keys: path to the methods, e.g. `fusion`, `methods`.

    Raises:
        UserError: a name is taken, or the last key is not followed by indented lines.
    """
    methods = _methods(text, keys)
    if taken := entries.keys() & {name.value for name, _ in methods.value}:
        raise UserError(f"{'.'.join(keys)}: {', '.join(sorted(taken))} taken; rename yours")
    first = methods.start_mark
    lines = [f"{' ' * first.column}{n}: {json.dumps(e)}{_MARK}\n" for n, e in entries.items()]
    start = first.index - first.column
    return text[:start] + "".join(lines) + text[start:]


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

"""A file of code by its meaning: its syntax tree without docstrings, comments and layout."""

from __future__ import annotations

import ast
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

_SILENT = {"ctx", "kind", "type_comment", "type_params"}
"""Fields of the tree that say nothing of what runs, or that not every Python has."""


def _is_text(statement: Any) -> bool:
    """Whether a statement is a string by itself: a docstring, of whatever it stands below."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _canonical(node: Any) -> Any:
    """The tree as nested lists, the same under every version of Python.

    `ast.dump` is not: versions differ in the fields they name and in those they leave out.
    """
    if isinstance(node, list):
        return [_canonical(one) for one in node if not _is_text(one)]
    if not isinstance(node, ast.AST):
        return [type(node).__name__, repr(node)]
    fields = {
        name: _canonical(value)
        for name, value in sorted(ast.iter_fields(node))
        if name not in _SILENT and value not in (None, [])
    }
    return [type(node).__name__, fields]


@cache  # stages share most of their modules
def digest(source: str) -> str:
    """SHA-256 of what a module's source means."""
    tree = json.dumps(_canonical(ast.parse(source)))
    return hashlib.sha256(tree.encode()).hexdigest()


def file_digest(file: Path) -> str:
    """`digest` of a Python file; of any other file, of its bytes."""
    if file.suffix == ".py":
        return digest(file.read_text(encoding="utf-8"))
    return hashlib.sha256(file.read_bytes()).hexdigest()

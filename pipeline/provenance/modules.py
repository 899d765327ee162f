"""Which of the project's files a module is made of, and their hashes."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("pipeline", "fusion", "segmentation")


def _file(module: str) -> Path | None:
    """The file of a module of ours, or None for anybody else's."""
    if module.split(".")[0] not in PACKAGES:
        return None
    path = Path(*module.split("."))
    found = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in found if file.is_file()), None)


def _imports(file: Path) -> Iterator[str]:
    """Names of all modules that a file may import, at the top or inside a function."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def closure(module: str) -> set[Path]:
    """Files of ours that `module` is made of.

    Args:
        module: dotted name, e.g. `fusion.train`.

    Returns:
        Its file, those of everything of ours that it imports, directly or not, of the packages
        they are in, and the data files (tables, templates) beside them.
    """
    files: set[Path] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        file = _file(name)
        if file is None or file in files:
            continue
        files.add(file)
        waiting += [name.rpartition(".")[0], *_imports(file)]
        if file.name == "__init__.py":
            files |= {f for f in file.parent.iterdir() if f.is_file() and f.suffix != ".py"}
    return files


def hashes(files: set[Path]) -> dict[str, str]:
    """SHA-256 of each file by its name, sorted."""
    return {
        file.as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(files)
    }


def method_module(name: str) -> str:
    """Dotted name of the module of a registered fusion method, whether it exists or not."""
    outside = f"fusion.methods.external.{name}"
    return outside if _file(outside) else f"fusion.methods.{name}"

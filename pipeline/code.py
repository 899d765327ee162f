"""Stage `code`: which of the project's files each stage and each fusion method is made of.

DVC tracks only the code that a stage lists. Lists by hand go stale, and whole packages would
retrain every network when one more method is added. So this stage writes, for each, the hashes
of just the files that it imports; the other stages depend on those small files.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path

from pipeline.files import write_json
from pipeline.params import Params
from pipeline.stage import stage

ROOT = Path("artifacts/code")
PACKAGES = ("pipeline", "fusion", "segmentation")
STAGES = (
    "pipeline.prepare",
    "fusion.train",
    "fusion.fuse",
    "fusion.evaluate",
    "fusion.evaluate_pairs",
    "segmentation.train",
    "segmentation.evaluate",
    "pipeline.report.__main__",
)


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


@stage
def main(params: Params) -> None:
    """Write the hashes of the code of every stage and every fusion method."""
    for module in STAGES:
        write_json(ROOT / f"{module.removesuffix('.__main__')}.json", hashes(closure(module)))
    for name, spec in params.fusion.methods.items():
        own = closure(f"fusion.methods.{spec.type or name}")
        write_json(ROOT / "methods" / f"{name}.json", hashes(own))


if __name__ == "__main__":
    main()

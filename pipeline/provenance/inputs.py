"""Inputs from outside the project, as links that DVC reads through.

`dvc.yaml` cannot name a path that only some entries of `params.yaml` have. So the stage `code`
keeps a link at a fixed place for each of them, and the stages depend on the links: what DVC hashes
is the folder or file behind. Where there is no outside input, a file that says so is there.
"""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

from pipeline.params import MethodSpec, Params
from pipeline.params.fusion import Methods
from pipeline.provenance.modules import weights_in_the_box
from pipeline.results import paths
from pipeline.stage.errors import UserError
from pipeline.stage.home import resolve

NONE = "nothing from outside\n"


def _existing(path: Path, key: str) -> Path:
    found = resolve(path)
    if not found.exists():
        raise UserError(f"{key}: {path}: no such file or folder")
    return found


def _programs(spec: MethodSpec) -> list[Path]:
    """Files that a command line names: the program and what it is given, not the interpreter."""
    folder = resolve(Path(str(spec.own.get("cwd") or ".")))
    words = [folder / word for word in shlex.split(str(spec.own.get("run", "")))]
    return [word for word in words if word.is_file() and not _is_interpreter(word)]


def _is_interpreter(word: Path) -> bool:
    return word.name.startswith("python")


def _of_method(key: str, name: str, spec: MethodSpec) -> Path | list[Path] | None:
    """What the entry reads from outside: weights, a folder of images, or a program's files."""
    if isinstance(spec.weights, Path):
        return _existing(spec.weights, f"{key}.weights")
    kind = spec.type or name
    if spec.weights == "pretrained":
        return weights_in_the_box(kind)
    if kind == "precomputed" and "path" in spec.own:
        return _existing(Path(str(spec.own["path"])), f"{key}.path")
    if kind == "command" and spec.own.get("watch"):
        return _existing(Path(str(spec.own["watch"])), f"{key}.watch")
    if kind == "command":
        return _programs(spec)
    return None


def link(target: Path, source: Path | list[Path] | None) -> None:
    """Make `target` a link to a folder or file, a folder of links to files, or a file: none."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_symlink() or target.is_file():
        target.unlink()
    elif target.is_dir():
        shutil.rmtree(target)
    if isinstance(source, Path):
        target.symlink_to(source.resolve())
    elif source:
        target.mkdir()
        for number, file in enumerate(source):
            (target / f"{number}-{file.name}").symlink_to(file.resolve())
    else:
        target.write_text(NONE)


def link_methods(folder: Path, methods: Methods) -> None:
    """Link what each method reads from outside into `folder`; raises as `link_all`."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, spec in methods.methods.items():
        link(folder / name, _of_method(f"{methods.key}.{name}", name, spec))


def link_all(params: Params) -> None:
    """Link every outside input of the params below `artifacts/inputs`.

    Raises:
        UserError: one is not there; the message names its key.
    """
    shutil.rmtree(paths.INPUTS, ignore_errors=True)
    root = params.data.root if params.data.dataset != "demo" else None
    link(paths.INPUTS / "data", _existing(root, "data.root") if root else None)
    times = params.data.times
    link(paths.INPUTS / "times", _existing(times, "data.times") if times else None)
    link_methods(paths.INPUTS / "methods", params.fusion)
    for name, folder in params.fusion.evaluation.pairs.items():
        found = _existing(folder, f"fusion.evaluation.pairs.{name}")
        link(paths.INPUTS / "pairs" / name, found)

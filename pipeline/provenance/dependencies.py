"""What a stage depends on, read from `dvc.yaml`: one list for DVC and for the checkpoints.

A checkpoint is good exactly as long as DVC would not run its stage anew, so its fingerprint is
over the same dependencies. DVC itself is not needed for that.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from pipeline.images.whole import json_text
from pipeline.params import Params
from pipeline.provenance.fingerprint import fingerprint
from pipeline.provenance.stages import of_file
from pipeline.results import paths

PROJECT = Path(__file__).resolve().parents[2]
_FIELD = re.compile(r"\$\{([\w.]+)\}")


def _fill(text: str, values: dict[str, str]) -> str:
    return _FIELD.sub(lambda found: values[found[1]], text)


def dependencies(file: Path, stage: str, values: dict[str, str]) -> list[str]:
    """Paths that a stage depends on, as a `dvc.yaml` lists them.

    Args:
        file: the `dvc.yaml`.
        stage: name of the stage, or of its group.
        values: what stands there for `${NAME}`, by name.
    """
    content: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    described = content["stages"][stage]
    return [_fill(text, values) for text in described.get("do", described)["deps"]]


def fingerprint_of(deps: list[str], made: dict[str, Any]) -> str:
    """Hash of what a stage's results depend on.

    Args:
        deps: from `dependencies`.
        made: content of those of them that say what stages are made of, by path: code and params
            are hashed as they are now, not as they were last written to disk.
    """
    return fingerprint(*(json_text(made[path]) if path in made else Path(path) for path in deps))


def stage_fingerprint(params: Params, stage: str, **item: str) -> str:
    """Fingerprint of a stage of the project's `dvc.yaml`.

    Args:
        params: the project's.
        stage: name of the stage's group.
        **item: what stands there for `${key}` or `${item.NAME}`.
    """
    values = {"data.dataset": params.data.dataset, **item}
    values |= {f"item.{name}": value for name, value in item.items()}
    deps = dependencies(PROJECT / "dvc.yaml", stage, values)
    code = f"{paths.CODE.as_posix()}/"
    made = {dep: of_file(params, dep.removeprefix(code)) for dep in deps if dep.startswith(code)}
    return fingerprint_of(deps, made)

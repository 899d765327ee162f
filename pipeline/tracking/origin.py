"""Where a run comes from, in MLflow's own words: its columns User, Source, Version and Dataset."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.data import pairs
from pipeline.params import DataParams
from pipeline.stage.home import resolve

if TYPE_CHECKING:
    from mlflow.entities import DatasetInput

SPLITS: dict[str, tuple[pairs.Split, ...]] = {
    "prepare": pairs.SPLITS,
    "train_fusion": ("train",),
    "fuse": pairs.SPLITS,
    "evaluate_fusion": ("test",),
    "train_segmentation": ("train",),
    "evaluate_segmentation": ("test",),
    "report": ("test",),
}
"""Splits of the data set that a stage reads; other stages read none, or other images."""


def source_tags(commit: str) -> dict[str, str]:
    """MLflow's own tags for who ran which program at which commit; '' is no commit."""
    program = Path(sys.argv[0])
    inside = program.is_absolute() and program.is_relative_to(Path.cwd())
    tags = {
        "mlflow.user": _user(),
        "mlflow.source.type": "LOCAL",
        "mlflow.source.name": str(program.relative_to(Path.cwd()) if inside else program.name),
    }
    return tags | ({"mlflow.source.git.commit": commit.removesuffix("-dirty")} if commit else {})


def _user() -> str:
    """The user's name; containers may run under a number without one."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())


def inputs(data: DataParams, splits: tuple[pairs.Split, ...]) -> list[DatasetInput]:
    """The splits of the prepared data set as MLflow's inputs of a run, those that are there.

    The digest is over the manifest (names, sizes, day or night, pixels of each class) and the
    split: for MLflow, what has one name and digest is one data set.
    """
    from mlflow.entities import Dataset, DatasetInput, InputTag

    manifest, found = data.directory / "manifest.csv", []
    if not manifest.is_file():
        return []
    content = manifest.read_bytes()
    for split in splits:
        if not pairs.names_path(data.directory, split).is_file():
            continue
        profile = {"pairs": len(pairs.names(data.directory, split))}
        dataset = Dataset(
            name=data.dataset,
            digest=hashlib.sha256(content + split.encode()).hexdigest()[:8],
            source_type="local",
            source=json.dumps({"uri": _source(data)}),
            profile=json.dumps(profile),
        )
        found.append(DatasetInput(dataset, [InputTag("mlflow.data.context", split)]))
    return found


def _source(data: DataParams) -> str:
    """Where the images come from: a folder, the repository they are fetched from, or a seed."""
    if data.root is not None:
        return resolve(data.root).as_uri() if resolve(data.root).is_absolute() else str(data.root)
    return data.url if data.dataset == "msrs" else f"demo:seed={data.demo.seed}"

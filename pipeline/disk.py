"""What the project takes on the disk, and what of it no current result needs.

`python -m pipeline.disk` shows it and asks before it removes anything; `--yes` does not ask.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from itertools import product
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from pipeline.params import Params
from pipeline.provenance.dependencies import stage_fingerprint
from pipeline.results import paths
from pipeline.stage.command import stage
from pipeline.stage.errors import UserError
from pipeline.tracking.superseded import artifact_folders

CACHE, CHECKPOINTS, RUNS = Path(".dvc/cache"), Path("checkpoints"), Path("mlartifacts")


class Item(NamedTuple):
    """Something that can be removed.

    Attributes:
        what: said to the user.
        size: bytes.
        remove: does it.
    """

    what: str
    size: int
    remove: Callable[[], None]


def size(*folders: Path) -> int:
    """Bytes of all files below the folders; links do not count."""
    files = (file for folder in folders for file in folder.rglob("*"))
    return sum(file.lstat().st_size for file in files if file.is_file() and not file.is_symlink())


def megabytes(count: int) -> str:
    """Bytes as `12.3 MB`."""
    return f"{count / 1e6:,.1f} MB"


def _marks(params: Params) -> set[str]:
    """Names of the checkpoint folders that a stage of the present params could go on from."""
    methods, sets = params.fusion.methods, params.fusion.evaluation.pairs
    segmentation = params.segmentation
    every, for_all = segmentation.networks, segmentation.one_for_all
    seeds = list(map(str, segmentation.seeds))
    groups: dict[str, dict[str, Iterable[str]]] = {
        "train_fusion": {"key": methods},
        "fuse": {"key": methods},
        "fuse_pairs": {"method": methods, "set": sets},
        "train_segmentation": {"network": every, "input": methods, "seed": seeds},
        "evaluate_segmentation": {"network": every, "input": methods},
        "train_for_all": {"network": for_all, "seed": seeds},
        "evaluate_for_all": {"network": for_all, "input": methods},
    }
    items = [
        (group, dict(zip(names, values, strict=True)))
        for group, names in groups.items()
        for values in product(*names.values())
    ]
    return {stage_fingerprint(params, group, **item)[:16] for group, item in items}


def stale_checkpoints(params: Params) -> list[Path]:
    """Folders of state that no stage of the present code, data and params would take up.

    Notes on MLflow's runs are no state, and `medical/` is for `fusion.medical` to know.
    """
    kept = {CHECKPOINTS / "runs", CHECKPOINTS / "medical"}
    folders = {file.parent for file in CHECKPOINTS.rglob("*") if file.is_file()}
    known = _marks(params)
    return sorted(
        folder
        for folder in folders
        if not kept & {folder, *folder.parents} and not known & set(folder.parts)
    )


def _clean_cache() -> None:
    """Let DVC drop what neither the present `dvc.lock` nor an experiment names."""
    kept = ["--workspace", "--all-experiments"]
    command = [sys.executable, "-m", "dvc", "gc", *kept, "--force", "--quiet"]
    if subprocess.run(command, check=False).returncode:
        raise UserError("dvc gc: failed; its message is above")


def _remove(folders: Iterable[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def removable(params: Params) -> list[Item]:
    """What no current result needs."""
    stale, old = stale_checkpoints(params), artifact_folders()
    cache = "DVC's cache but for what present results and experiments need (at most)"
    return [
        Item(cache, size(CACHE), _clean_cache),
        Item(f"{len(stale)} checkpoints of other code, data or params", size(*stale),
             lambda: _remove(stale)),
        Item(f"artifacts of {len(old)} MLflow runs that newer ones replaced", size(*old),
             lambda: _remove(old)),
    ]  # fmt: skip


def show(console: Console) -> None:
    """Print what each folder takes."""
    table = Table("folder", "holds", "takes", box=None)
    for folder, holds in (
        (CACHE, "DVC's cache: outputs of this and of earlier results"),
        (CHECKPOINTS, "state of stages that were killed"),
        (RUNS, "MLflow's artifacts"),
        (paths.ARTIFACTS, "present outputs; the cache may share their space"),
        (Path("data"), "prepared data, and what was fetched"),
    ):
        table.add_row(str(folder), holds, megabytes(size(folder)))
    console.print(table)


@stage
def main(params: Params, yes: bool = False) -> None:
    """Show what the project takes on the disk; remove what no current result needs, if told to."""
    import typer

    console = Console()
    show(console)
    for item in removable(params):
        if item.size and (yes or typer.confirm(f"Remove {item.what}, {megabytes(item.size)}?")):
            item.remove()
            console.print(f"removed: {item.what}")


if __name__ == "__main__":
    main()

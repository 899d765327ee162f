"""Results between clones of the project that share no folder, only a DVC remote.

The remote carries what is in DVC's cache. Entries of `dvc.lock`, the metrics that git keeps, and
what stages printed are small and go with Dask's messages, as a `Parcel`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from pipeline.cluster.output import first_error
from pipeline.images.whole import write_bytes, write_text
from pipeline.stage.errors import UserError

CODE = "code"
"""The stage that every clone runs for itself: what it writes says what the clone is made of."""
LOCK = Path("dvc.lock")


@dataclass(frozen=True)
class Parcel:
    """What goes beside the remote.

    Attributes:
        lock: entries of `dvc.lock`, by stage.
        files: content of outputs that are not in DVC's cache, and of stages' logs, by path.
    """

    lock: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


def joined(parcels: Iterable[Parcel]) -> Parcel:
    """All in one."""
    whole = Parcel()
    for parcel in parcels:
        whole.lock.update(parcel.lock)
        whole.files.update(parcel.files)
    return whole


def _entries() -> dict[str, Any]:
    if not LOCK.is_file():
        return {}
    content: dict[str, Any] = yaml.safe_load(LOCK.read_text(encoding="utf-8"))["stages"]
    return content


def pack(stages: Iterable[str]) -> Parcel:
    """The parcel of stages that have run here."""
    from dvc.repo import Repo

    wanted, entries = set(stages), _entries()
    with Repo() as repo:
        outs = [out for stage in repo.index.stages if stage.addressing in wanted
                for out in stage.outs if not out.use_cache]  # fmt: skip
        files = [Path(str(out)) for out in outs]
    content = {file.as_posix(): file.read_bytes() for file in files if file.is_file()}
    return Parcel({stage: entries[stage] for stage in wanted if stage in entries}, content)


def unpack(parcel: Parcel) -> None:
    """Take a parcel into this clone."""
    from dvc.repo import Repo

    for path, content in parcel.files.items():
        write_bytes(path, content)
    with Repo(_wait_for_lock=True) as repo, repo.lock:
        stages = _entries() | parcel.lock
        write_text(LOCK, yaml.safe_dump({"schema": "2.0", "stages": stages}, sort_keys=False))


def dvc(*arguments: str) -> None:
    """Run DVC here. Raises UserError with the line that says why it failed."""
    command = [sys.executable, "-m", "dvc", "--wait-for-lock", *arguments]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    if told.returncode:
        lines = (told.stdout + told.stderr).splitlines()
        raise UserError(f"dvc {arguments[0]}: {first_error([one for one in lines if one.strip()])}")


def pull(stages: Iterable[str]) -> None:
    """Bring the cached outputs of stages from the remote; raises as `dvc`."""
    wanted = [stage for stage in stages if stage != CODE]
    if wanted:
        dvc("pull", *wanted)


def push(stages: Iterable[str]) -> None:
    """Bring the cached outputs of stages to the remote; raises as `dvc`."""
    wanted = [stage for stage in stages if stage != CODE]
    if wanted:
        dvc("push", *wanted)


def make_alike(given: Parcel) -> None:
    """Make this clone say of itself what the caller's says.

    Raises:
        UserError: its code, or what it has from outside, is another.
    """
    unpack(Parcel(files={path: given.files[path] for path in ("params.yaml",)}))
    dvc("repro", "-s", CODE)
    here, there = _entries().get(CODE), given.lock.get(CODE)
    if here != there:
        raise UserError(
            "this clone's code or inputs from outside differ from the caller's; "
            "git pull the same commit in both"
        )

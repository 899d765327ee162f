"""What must be the same in all workers, so that their results are, and what must differ."""

from __future__ import annotations

import hashlib
import platform
import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import uuid4

from distributed import Client

from pipeline.cluster.clones.needed import default_remote
from pipeline.stage.errors import UserError

COMPARED = ("distributed", "torch", "dvc", "mlflow")
"""Packages whose versions are."""


def about() -> dict[str, str]:
    """What must be the same in all workers, and where this process is."""
    digest = hashlib.blake2b(digest_size=16)
    for folder in ("pipeline", "fusion", "segmentation"):
        for file in sorted(Path(folder).rglob("*.py")):
            digest.update(file.as_posix().encode() + file.read_bytes())
    digest.update(Path("dvc.yaml").read_bytes())
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    same = {name: version(name) for name in COMPARED} | {"Python": python}
    name, address = default_remote()
    return same | {
        "code": digest.hexdigest(), "remote": f"{name} {address}",
        "clone": _mark_of_clone(), "folder": f"{Path.cwd()} on {platform.node()}",
    }  # fmt: skip


def _mark_of_clone() -> str:
    """The same for all who work in one folder, from whichever machine; another in each other."""
    file = Path(".dvc") / "tmp" / "clone-mark"
    file.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError), file.open("x") as made:
        made.write(uuid4().hex)
    return file.read_text()


def _told() -> dict[str, str] | str:
    """`about` for `Client.run`: an error as its text, for the worker may lack all of ours."""
    try:
        return about()
    except (UserError, OSError) as error:
        return str(error)


def _check_scheduler(client: Client, here: dict[str, str]) -> None:
    """Raise UserError if the scheduler would not understand what goes through it."""
    versions: Any = client.get_versions()
    told = versions["scheduler"]
    python = ".".join(told["host"]["python"].split(".")[:2])
    there = {"distributed": told["packages"]["distributed"], "Python": python}
    for key, found in there.items():
        if found != here[key]:
            raise UserError(f"scheduler: {key} is {found}, here it is {here[key]}")


def check_cluster(client: Client) -> None:
    """Raise UserError for the scheduler or the first worker that would give other results."""
    here = about()
    _check_scheduler(client, here)
    clones = {here["clone"]: "this command"}
    for address, told in sorted(client.run(_told, on_error="return").items()):
        where = f"worker {address}"
        if not isinstance(told, dict):
            raise UserError(f"{where}: {str(told).splitlines()[0]}; start it in a clone of its own")
        for key in [*COMPARED, "Python", "code", "remote"]:
            if told[key] != here[key]:
                raise UserError(f"{where}: {key} is {told[key]}, here it is {here[key]}")
        if told["clone"] in clones:
            raise UserError(
                f"{where}: works in {told['folder']}, as does {clones[told['clone']]}; DVC's locks "
                "hold on one machine: a clone for each worker, and --nthreads for more places"
            )
        clones[told["clone"]] = where

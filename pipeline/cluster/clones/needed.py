"""What workers in clones of their own need: a DVC remote and an MLflow server."""

from __future__ import annotations

import os
from uuid import uuid4

from pipeline.stage.errors import UserError


def check_tracking() -> None:
    """Raise UserError if workers elsewhere could not log: SQLite serves one machine."""
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        raise UserError(
            "MLFLOW_TRACKING_URI is not set, and a file of SQLite serves one machine: start "
            "`mlflow server` where all workers reach it and set MLFLOW_TRACKING_URI to its address"
        )


def default_remote() -> tuple[str, str]:
    """Name and address of DVC's default remote. Raises UserError if there is none."""
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        with Repo() as repo:
            name = str(repo.cloud.get_remote().name)
            return name, str(repo.config["remote"][name]["url"])  # relative folders made absolute
    except DvcException:
        raise UserError(
            "no DVC remote, which carries results between workers; "
            "dvc remote add -d NAME ADDRESS makes one, in every clone the same"
        ) from None


def check_remote() -> None:
    """Raise UserError if there is no default remote, or nothing can be written to it."""
    from dvc.repo import Repo

    name, address = default_remote()
    with Repo() as repo:
        remote = repo.cloud.get_remote()
        probe = remote.fs.join(remote.path, f"probe-{uuid4().hex}")
        try:
            remote.fs.makedirs(remote.path)
            remote.fs.pipe_file(probe, b"may I write?")
            remote.fs.remove(probe)
        except Exception as error:
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise UserError(f"DVC remote {name} {address}: cannot be written ({reason})") from None

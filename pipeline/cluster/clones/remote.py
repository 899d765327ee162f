"""A Dask cluster that is there already: what must be true of it before anything starts."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import uuid4

from distributed import Client, Semaphore
from distributed.versions import VersionMismatchWarning

from pipeline.cluster.clones import exchange
from pipeline.cluster.graph import Task
from pipeline.cluster.machine import Machine
from pipeline.cluster.outcome import Outcome
from pipeline.cluster.work import Order, callers_environment
from pipeline.params import RuntimeParams
from pipeline.stage.errors import UserError

PATIENCE = 10.0
"""Seconds that a scheduler has to answer."""
COMPARED = ("distributed", "torch", "dvc", "mlflow")


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


@contextmanager
def _only_one(name: str) -> Iterator[None]:
    """Keep another command off the same workers: its stages have the same names.

    The scheduler sees to it; it forgets a command that was killed after half a minute.
    """
    seat = Semaphore(max_leases=1, name="ivif-bench")
    if not seat.acquire(timeout=2):
        raise UserError(
            f"{name}: another python -m pipeline.run works with it; wait for its end, or, after a "
            "kill, half a minute"
        )
    try:
        yield
    finally:
        seat.release()


class Remote:
    """Workers of a scheduler, each in a clone of its own.

    Args:
        address: the scheduler's.
        runtime: how many GPUs a stage takes, how often checkpoints travel.
    """

    def __init__(self, address: str, runtime: RuntimeParams) -> None:
        self.address, self.runtime = address, runtime

    def prepare(self) -> None:
        """Check what can be checked from here; run the stage that each clone runs for itself."""
        check_tracking()
        check_remote()
        with self.workers():
            exchange.dvc("repro", "-s", exchange.CODE)

    @contextmanager
    def workers(self) -> Iterator[Client]:
        """A client of the scheduler, its workers ready for stages.

        Raises:
            UserError: it does not answer, has no workers, or one that would give other results.
        """
        name = f"--scheduler {self.address}"
        try:
            with warnings.catch_warnings(action="ignore", category=VersionMismatchWarning):
                client = Client(self.address, timeout=PATIENCE)  # a line of ours says it
        except (OSError, TimeoutError, ValueError) as error:
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise UserError(f"{name}: does not answer ({reason})") from None
        with client:
            if not client.scheduler_info(n_workers=-1)["workers"]:
                raise UserError(f"{name}: has no workers; dask worker ADDRESS starts one")
            check_cluster(client)
            wanted = self.runtime.devices
            client.register_plugin(Machine(each=1 if wanted == "auto" else wanted))
            with _only_one(name):
                yield client

    def make_order(self, up_to_date: list[str]) -> Callable[[Task], Order]:
        """What a worker needs beside the remote goes with each order.

        Raises:
            UserError: the remote is full, read-only or not there.
        """
        exchange.push(up_to_date)
        given = exchange.pack([*up_to_date, exchange.CODE])
        given.files["params.yaml"] = Path("params.yaml").read_bytes()
        environment, seconds = callers_environment(), self.runtime.travel_seconds
        return lambda task: Order(task, environment, given, seconds)

    def take(self, outcome: Outcome) -> Outcome:
        """Take all into this clone: entry, metrics, log, and from the remote the rest.

        At once, so that what ends this command costs nothing that has ended before it.
        """
        if outcome.parcel is None:
            return outcome
        try:
            exchange.unpack(outcome.parcel)
            exchange.pull(outcome.parcel.lock)
        except (UserError, OSError) as error:
            return replace(outcome, state="failed", error=str(error).splitlines()[0])
        return outcome

"""A Dask cluster that is there already."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from distributed import Client, Semaphore
from distributed.versions import VersionMismatchWarning

from pipeline.cluster.clones import exchange
from pipeline.cluster.clones.alike import check_cluster
from pipeline.cluster.clones.needed import check_remote, check_tracking
from pipeline.cluster.graph import Task
from pipeline.cluster.machine import Machine
from pipeline.cluster.order import Order, callers_environment
from pipeline.cluster.outcome import Outcome
from pipeline.params import RuntimeParams
from pipeline.stage.errors import UserError

PATIENCE = 10.0
"""Seconds that a scheduler has to answer."""


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

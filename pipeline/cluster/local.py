"""A Dask cluster of this machine alone."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from distributed import Client, LocalCluster

from pipeline.cluster.graph import Task
from pipeline.cluster.machine import Machine, gpus_here
from pipeline.cluster.order import Order, callers_environment
from pipeline.cluster.outcome import Outcome
from pipeline.cluster.settings import settings
from pipeline.params import RuntimeParams
from pipeline.stage.errors import UserError

_SETTINGS: dict[str, object] = {
    "distributed.nanny.pre-spawn-environ": {},  # Dask would change its workers' threads
}


def choose_gpus(wanted: str) -> list[str]:
    """GPUs by the user's word: `all`, or numbers with commas between them.

    Raises:
        UserError: one of them is not there.
    """
    there = gpus_here()
    if wanted == "all":
        return there
    chosen = [one.strip() for one in wanted.split(",") if one.strip()]
    absent = [one for one in chosen if one not in there]
    if absent:
        allowed = ",".join(there) or "none"
        raise UserError(f"--gpus {wanted}: no GPU {absent[0]} here; there are {allowed}")
    return chosen


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Processes started meanwhile leave Ctrl-C to this one, which ends them in order."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Local:
    """One worker process with `jobs` places; it ends with this one.

    Args:
        jobs: stages at a time.
        gpus: the user's word, see `choose_gpus`.
        runtime: how many GPUs a stage takes.
    """

    def __init__(self, jobs: int, gpus: str, runtime: RuntimeParams) -> None:
        self.jobs, self.gpus = jobs, choose_gpus(gpus)
        wanted = runtime.devices
        self.each = max(1, len(self.gpus) // jobs) if wanted == "auto" else wanted

    def prepare(self) -> None:
        """Nothing is needed."""

    @contextmanager
    def workers(self) -> Iterator[Client]:
        """A client of the worker."""
        with settings(_SETTINGS):
            with _deaf_to_ctrl_c():
                cluster = LocalCluster(
                    n_workers=1, threads_per_worker=self.jobs, processes=True, memory_limit=0,
                    dashboard_address=":0", silence_logs=logging.ERROR, host="127.0.0.1",
                )  # fmt: skip
            with cluster, Client(cluster) as client:
                client.register_plugin(Machine(self.gpus, self.each))
                yield client

    def make_order(self, up_to_date: list[str]) -> Callable[[Task], Order]:
        """A worker in this folder has all it needs."""
        environment = callers_environment()
        return lambda task: Order(task, environment)

    def take(self, outcome: Outcome) -> Outcome:
        """They are here."""
        return outcome

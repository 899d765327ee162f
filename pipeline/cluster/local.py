"""A Dask cluster of this machine alone."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import dask
from distributed import Client, LocalCluster

from pipeline.cluster.machine import Machine, gpus_here
from pipeline.stage.errors import UserError

_SETTINGS = {
    "distributed.nanny.pre-spawn-environ": {},  # Dask would change its workers' threads
    "distributed.scheduler.worker-ttl": None,  # a machine that slept, or was stopped, goes on
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
def workers(jobs: int, gpus: list[str]) -> Iterator[Client]:
    """A client of one worker process with `jobs` places; all ends with the block."""
    with (
        tempfile.TemporaryDirectory(prefix="ivif-bench-") as scratch,
        dask.config.set(_SETTINGS | {"temporary-directory": scratch}),  # not the project's
        LocalCluster(
            n_workers=1, threads_per_worker=jobs, processes=True, dashboard_address=":0",
            memory_limit=0, silence_logs=logging.ERROR, host="127.0.0.1",
        ) as cluster,
        Client(cluster) as client,
    ):  # fmt: skip
        client.register_plugin(Machine(gpus))
        yield client

"""What a worker knows of its machine: how many stages fit, which GPUs are free, what runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from distributed import Worker, WorkerPlugin

PLACES = "places"
"""The resource of Dask's that a stage takes one of, or all if it runs alone."""


def gpus_here() -> list[str]:
    """GPUs of this machine that `CUDA_VISIBLE_DEVICES` leaves, all without it."""
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is not None:
        return [one.strip() for one in chosen.split(",") if one.strip()]
    if shutil.which("nvidia-smi") is None:
        return []
    asked = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=False)
    count = sum(line.startswith("GPU ") for line in asked.stdout.splitlines())
    return [str(number) for number in range(count)]


class Machine(WorkerPlugin):
    """Set up in every worker, also in those that join later.

    Args:
        gpus: to be shared out among the stages; None: all that the worker sees.
        each: GPUs a stage.
    """

    name = "machine"

    def __init__(self, gpus: list[str] | None = None, each: int = 1) -> None:
        self.gpus, self.each = gpus, each

    async def setup(self, worker: Worker) -> None:
        """Count GPUs and places; a worker's threads are its places."""
        self.stopped, self.closing, self.prepared = False, False, False
        self.preparing = threading.Lock()
        self.running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        seen = gpus_here() if self.gpus is None else self.gpus
        self._uses = dict.fromkeys(seen, 0)
        await worker.set_resources(**{PLACES: worker.state.nthreads})

    def teardown(self, worker: Worker) -> None:
        """A worker that closes, as at the end of its time, takes its stages with it."""
        self.closing = True
        self.stop()

    def stop(self) -> None:
        """End what runs, start nothing any more."""
        self.stopped = True
        for process in list(self.running):
            if process.stdin is not None:
                with suppress(OSError):
                    process.stdin.close()  # the guard ends the stage

    @contextmanager
    def lend_gpus(self) -> Iterator[str | None]:
        """Value of `CUDA_VISIBLE_DEVICES` for one stage: the least used; None without GPUs."""
        with self._lock:
            taken = sorted(self._uses, key=lambda one: self._uses[one])[: self.each]
            for one in taken:
                self._uses[one] += 1
        try:
            yield ",".join(sorted(taken)) if taken else None
        finally:
            with self._lock:
                for one in taken:
                    self._uses[one] -= 1


def machine_of(worker: Worker) -> Machine:
    """The plugin as a worker has it."""
    plugin = worker.plugins[Machine.name]
    assert isinstance(plugin, Machine)
    return plugin

"""`dvc repro`, many stages at a time: `python -m pipeline.run --jobs 2`.

DVC says what has changed and runs each stage; Dask (extra `cluster`) says when and where. The
results are those of `dvc repro`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from filelock import FileLock, Timeout
from rich.console import Console

from pipeline.params import load
from pipeline.stage.command import command
from pipeline.stage.errors import UserError

LOCK = Path(".dvc") / "tmp" / "pipeline-run.lock"


@contextmanager
def _only_one() -> Iterator[None]:
    """Hold the project: two at once would run each stage twice."""
    LOCK.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(LOCK, blocking=False):
            yield
    except Timeout:
        raise UserError(
            f"{LOCK}: held; another python -m pipeline.run works in this folder: wait for its end, "
            "or stop it"
        ) from None


def _check(jobs: int) -> None:
    """Raise UserError for what would fail later."""
    if find_spec("distributed") is None:
        raise UserError("Dask is not installed; pip install -e '.[cluster]' brings it")
    if jobs < 1:
        raise UserError(f"--jobs {jobs}: allowed is 1 or more")
    load()  # stages would all stop at a wrong one


@command
def main(jobs: int = 2, gpus: str = "all") -> None:
    """Run what has changed, as dvc repro does, --jobs stages at a time.

    Each stage has the threads that params.yaml gives it, and one of --gpus (all, or as 0,2).
    """
    _check(jobs)
    from pipeline.cluster import graph, local
    from pipeline.cluster.drive import drive, places
    from pipeline.cluster.outcome import summary, table
    from pipeline.cluster.progress import LOG, Shown
    from pipeline.cluster.times import Times

    start, times = time.monotonic(), Times.read()
    console = Console(width=None if sys.stdout.isatty() else 160)  # a log has no edge
    with _only_one():
        tasks, up_to_date = graph.read()
        outcomes = []
        if tasks:
            chosen = local.choose_gpus(gpus)
            with (
                local.workers(jobs, chosen) as client,
                Shown(tasks, times, lambda: places(client), console) as shown,
            ):
                outcomes = drive(client, tasks, times, shown)
            console.print(table(outcomes))
    console.print(summary(outcomes, up_to_date, time.monotonic() - start), f"({LOG})" * bool(tasks))
    if not all(outcome.good for outcome in outcomes):
        raise SystemExit(1)


if __name__ == "__main__":
    main()

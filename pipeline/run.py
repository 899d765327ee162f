"""`dvc repro`, many stages at a time: `python -m pipeline.run --jobs 2`.

DVC says what has changed and runs each stage; Dask (extra `cluster`) says when and where: on this
machine, as many at a time as asked for. The results are those of `dvc repro`. MLflow nests the
runs of the stages below one of the execution's.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout
from rich.console import Console

from pipeline.params import load
from pipeline.stage.command import command
from pipeline.stage.errors import UserError
from pipeline.tracking import execution

if TYPE_CHECKING:
    from pipeline.cluster.outcome import Outcome

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


def _run(jobs: int, gpus: str, console: Console) -> tuple[list[Outcome], int]:
    """Run what has changed; how it ended, and how many stages were up to date."""
    from pipeline.cluster import graph, local
    from pipeline.cluster.drive import drive, places
    from pipeline.cluster.progress import Shown
    from pipeline.cluster.times import Times

    chosen = local.choose_gpus(gpus)
    tasks, up_to_date = graph.read()
    if not tasks:
        return [], len(up_to_date)
    times = Times.read()
    with (
        local.workers(jobs, chosen) as client,
        Shown(tasks, times, lambda: places(client), console) as shown,
    ):
        return drive(client, tasks, times, shown), len(up_to_date)


@command
def main(jobs: int = 2, gpus: str = "all") -> None:
    """Run what has changed, as dvc repro does, --jobs stages at a time.

    Each stage has the threads that params.yaml gives it, and one of --gpus (all, or as 0,2).
    """
    _check(jobs)
    from pipeline.cluster.outcome import summary, table
    from pipeline.cluster.progress import LOG

    execution.begin()
    start = time.monotonic()
    console = Console(width=None if sys.stdout.isatty() else 160)  # a log has no edge
    with _only_one():
        outcomes, up_to_date = _run(jobs, gpus, console)
    if outcomes:
        console.print(table(outcomes))
    where = f"({LOG})" * bool(outcomes)
    console.print(summary(outcomes, up_to_date, time.monotonic() - start), where)
    if not all(outcome.good for outcome in outcomes):
        raise SystemExit(1)


if __name__ == "__main__":
    main()

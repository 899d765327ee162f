"""`dvc repro`, many stages at a time: `python -m pipeline.run --jobs 2`.

DVC says what has changed and runs each stage; Dask (extra `cluster`) says when and where: on this
machine, with `--scheduler` on workers of any cluster, with `--slurm` on jobs of Slurm. The results
are those of `dvc repro`. MLflow nests the runs of the stages below one of the execution's.
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

from pipeline.params import Params, load
from pipeline.stage.command import command
from pipeline.stage.errors import UserError
from pipeline.tracking import execution

if TYPE_CHECKING:
    from pipeline.cluster.base import Cluster
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


def _check(jobs: int) -> Params:
    """The params; raises UserError for what would fail later."""
    if find_spec("distributed") is None:
        raise UserError("Dask is not installed; pip install -e '.[cluster]' brings it")
    if jobs < 1:
        raise UserError(f"--jobs {jobs}: allowed is 1 or more")
    return load()  # stages would all stop at a wrong one


def _run(cluster: Cluster, console: Console) -> tuple[list[Outcome], int]:
    """Run what has changed on the cluster; how it ended, and how many stages were up to date."""
    from pipeline.cluster import graph
    from pipeline.cluster.drive import drive, places
    from pipeline.cluster.progress import Shown
    from pipeline.cluster.times import Times

    cluster.prepare()
    tasks, up_to_date = graph.read()
    if not tasks:
        return [], len(up_to_date)
    times = Times.read()
    with (
        cluster.workers() as client,
        Shown(tasks, times, lambda: places(client), console) as shown,
    ):
        outcomes = drive(client, tasks, times, shown, cluster.make_order(up_to_date), cluster.take)
    return outcomes, len(up_to_date)


@command
def main(jobs: int = 2, gpus: str = "all", scheduler: str = "", slurm: Path | None = None) -> None:
    """Run what has changed, as dvc repro does, --jobs stages at a time.

    Each stage has the threads that params.yaml gives it, and one of --gpus (all, or as 0,2).
    With --scheduler ADDRESS on the workers of a Dask cluster, each started in a clone of its own;
    with --slurm FILE on workers that are started as jobs of Slurm.
    """
    params, start = _check(jobs), time.monotonic()
    from pipeline.cluster.clones.remote import Remote
    from pipeline.cluster.local import Local
    from pipeline.cluster.outcome import summary, table
    from pipeline.cluster.progress import LOG

    execution.begin()
    console = Console(width=None if sys.stdout.isatty() else 160)  # a log has no edge
    with _only_one():
        cluster: Cluster
        if slurm is not None:
            from pipeline.cluster.clones.slurm import Slurm

            cluster = Slurm(slurm, params.runtime)
        elif scheduler:
            cluster = Remote(scheduler, params.runtime)
        else:
            cluster = Local(jobs, gpus, params.runtime)
        outcomes, up_to_date = _run(cluster, console)
    if outcomes:
        console.print(table(outcomes))
    where = f"({LOG})" * bool(outcomes)
    console.print(summary(outcomes, up_to_date, time.monotonic() - start), where)
    if not all(outcome.good for outcome in outcomes):
        raise SystemExit(1)


if __name__ == "__main__":
    main()

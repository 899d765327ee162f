"""Hand the graph to Dask and follow it to its end."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import suppress

from distributed import Client, Future, wait
from distributed.scheduler import KilledWorker

from pipeline.cluster import work
from pipeline.cluster.graph import Task
from pipeline.cluster.listen import TOPIC
from pipeline.cluster.machine import PLACES
from pipeline.cluster.order import Order
from pipeline.cluster.outcome import Outcome
from pipeline.cluster.progress import Shown
from pipeline.cluster.times import Times


def places(client: Client) -> int:
    """Stages that the workers of the moment take at a time."""
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    return sum(int(worker["nthreads"]) for worker in workers)


def _make_run() -> Callable[..., Outcome]:
    """`work.run_stage` of a pickled order, as a function that travels by value.

    The scheduler reads what it passes on, and need not have this project.
    """

    def run(order: bytes, *needs: Outcome) -> Outcome:
        import pickle

        from pipeline.cluster.work import run_stage

        return run_stage(pickle.loads(order), *needs)

    return run


def _submit(
    client: Client, tasks: list[Task], times: Times, make_order: Callable[[Task], Order]
) -> dict[str, Future]:
    """Give Dask all stages at once, those on the longest chain first, those alone last."""
    chain = times.paths(tasks)
    most = max((worker["nthreads"] for worker in _workers(client)), default=1)
    run = _make_run()
    futures: dict[str, Future] = {}
    for task in tasks:
        futures[task.stage] = client.submit(
            run,
            pickle.dumps(make_order(task)),
            *(futures[need] for need in task.needs),
            key=task.stage,
            pure=False,
            priority=-1 if task.alone else round(chain[task.stage]),
            # With one place a worker, its one thread says it; and Dask does not look again at a
            # stage that waits for places when a worker comes whose places it learns of later.
            resources={PLACES: most if task.alone else 1} if most > 1 else None,
        )
    return futures


def _workers(client: Client) -> list[dict[str, int]]:
    return list(client.scheduler_info(n_workers=-1)["workers"].values())


def _outcome(future: Future) -> Outcome:
    """What a stage's future ended with; Dask's own errors are those of its workers."""
    stage = str(future.key)
    if future.status == "finished":
        found: Outcome = future.result()
        return found
    if future.status in ("cancelled", "lost"):
        return Outcome(stage, "stopped")
    error = future.exception()
    if isinstance(error, KilledWorker) and error.task != stage:
        return Outcome(stage, "not run", error=f"needs {error.task}")
    if isinstance(error, KilledWorker):
        died = f"{error.allowed_failures + 1} workers died in it, the last on {error.last_worker}"
        return Outcome(stage, "failed", error=died)
    return Outcome(stage, "failed", error=f"{type(error).__name__}: {error}".splitlines()[0])


def _ends(futures: dict[str, Future], tick: Callable[[], None]) -> Iterator[Outcome]:
    """Each stage's outcome as it comes; `tick` is called every second meanwhile."""
    left = set(futures.values())
    while left:
        with suppress(TimeoutError, CancelledError):
            wait(left, timeout=1.0, return_when="FIRST_COMPLETED")
        done = {future for future in left if future.done()}
        left -= done
        yield from map(_outcome, sorted(done, key=lambda future: str(future.key)))
        tick()


def keep(client: Client, future: Future) -> None:
    """Have all workers remember how a stage ended: else Dask runs it again when one that did dies.

    It is small: what goes beside the DVC remote.
    """
    if len(_workers(client)) > 1:
        with suppress(TimeoutError, CancelledError, OSError):  # it dies just now
            client.replicate([future])


def drive(
    client: Client,
    tasks: list[Task],
    times: Times,
    shown: Shown,
    make_order: Callable[[Task], Order],
    take: Callable[[Outcome], Outcome],
) -> list[Outcome]:
    """Run all tasks, each once what it needs is there.

    Args:
        client: of workers with `Machine`.
        tasks: from `graph.read`.
        times: of earlier runs.
        shown: gets what happens.
        make_order: what a worker is told of a task.
        take: takes the results of a stage that has ended.

    Returns:
        How each ended. An interruption ends the stages that run, and is raised.
    """
    client.subscribe_topic(TOPIC, lambda event: shown.event(event[1]))
    futures = _submit(client, tasks, times, make_order)
    outcomes = []
    try:
        for outcome in map(take, _ends(futures, shown.tick)):
            shown.ended(outcome)
            outcomes.append(outcome)
            keep(client, futures[outcome.stage])
    except BaseException:
        client.run(work.stop, on_error="ignore")
        raise
    finally:
        client.unsubscribe_topic(TOPIC)
    return outcomes

"""The simulated plan of a graph, against plans counted by hand."""

import pytest

from benchmarks.scale import simulate
from pipeline.cluster.graph import Task

TASKS = [Task("a", ()), *(Task(f"b{n}", ("a",)) for n in range(4)), Task("c", ("b0", "b1"))]
SECONDS = {"a": 2.0, "b0": 3.0, "b1": 3.0, "b2": 3.0, "b3": 3.0, "c": 4.0}


@pytest.mark.parametrize(("workers", "seconds"), [(1, 18.0), (2, 11.0), (3, 9.0), (64, 9.0)])
def test_plans_counted_by_hand(workers: int, seconds: float) -> None:
    """On two workers: a; b0 and b1; c beside b2 and then b3, which ends last."""
    plan = simulate(TASKS, SECONDS, workers)
    assert plan.seconds == seconds
    assert plan.idle == pytest.approx(1 - 18 / (workers * seconds))


def test_more_workers_are_never_slower_than_the_bounds() -> None:
    for workers in (1, 2, 4, 8):
        plan = simulate(TASKS, SECONDS, workers)
        assert plan.seconds >= max(9.0, 18 / workers)

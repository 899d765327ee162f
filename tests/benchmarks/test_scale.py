"""The simulated plan of a graph, against plans counted by hand."""

import json
import random

import pytest

from benchmarks import scale
from benchmarks.scale import longest_chain, simulate
from pipeline.cluster.graph import Task
from pipeline.cluster.times import Times

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


def test_the_longest_chain_counted_by_hand() -> None:
    assert longest_chain(TASKS, SECONDS) == ["a", "b0", "c"]


@pytest.mark.parametrize("seed", range(5))
def test_drawn_graphs_keep_what_any_plan_keeps(seed: int) -> None:
    """Between the two bounds and their sum (Graham 1966); one worker never idles."""
    draw = random.Random(seed)
    tasks = [
        Task(f"t{n}", tuple(sorted({f"t{draw.randrange(n)}" for _ in range(n and 2)})))
        for n in range(40)
    ]
    seconds = {task.stage: draw.uniform(1, 9) for task in tasks}
    chain = sum(seconds[stage] for stage in longest_chain(tasks, seconds))
    work = sum(seconds.values())
    for workers in scale.WORKERS:
        plan = simulate(tasks, seconds, workers)
        assert max(chain, work / workers) <= plan.seconds + 1e-9
        assert plan.seconds <= work / workers + chain * (1 - 1 / workers) + 1e-9
    assert simulate(tasks, seconds, 1).idle == pytest.approx(0)


@pytest.mark.slow
def test_the_committed_page_is_what_the_command_writes() -> None:
    content = json.loads(scale.MEASURED.read_text(encoding="utf-8"))
    written = scale.text(Times(content["seconds"]), content["measured"])
    assert written == scale.PAGE.read_text(encoding="utf-8")

"""The order of work and the time left, on a graph small enough to count by hand."""

from pipeline.cluster.graph import Task
from pipeline.cluster.times import Times

#  a ─► b ─► d    a is short, b long; c hangs on a too
TASKS = [Task("a", ()), Task("b@x", ("a",)), Task("c", ("a",)), Task("d", ("b@x", "c"))]
TIMES = Times({"a": 1, "b@x": 10, "c": 4, "d": 2})


def test_the_longest_chain_counts() -> None:
    assert TIMES.paths(TASKS) == {"a": 13, "b@x": 12, "c": 6, "d": 2}


def test_time_left_is_the_chain_or_the_work_whichever_is_longer() -> None:
    assert TIMES.left(TASKS, {}, places=1) == 17
    assert TIMES.left(TASKS, {}, places=2) == 13
    assert TIMES.left(TASKS[1:], {"b@x": 3.0}, places=2) == 6
    assert TIMES.left([], {}, places=2) == 0


def test_a_stage_that_never_ran_takes_as_long_as_its_group() -> None:
    times = Times({"b@x": 10, "b@y": 20, "c": 3})
    assert times.expected(Task("b@z", ())) == 15
    assert times.expected(Task("e", ())) == 11
    assert Times().expected(Task("e", ())) is None
    assert Times().left(TASKS, {}, places=2) is None

"""Batches made ahead: the same ones, in order, and only so many."""

import threading
from collections.abc import Iterator

import pytest
import torch

from pipeline.training.ahead import ahead, pinned


def test_the_same_batches_in_the_same_order():
    assert list(ahead(iter(range(1, 50)))) == list(range(1, 50))
    assert list(ahead(iter(()))) == []


def test_another_thread_makes_them_and_only_so_many():
    made, threads, waits = [], set(), threading.Semaphore(0)

    def batches() -> Iterator[int]:
        for number in range(1, 10):
            made.append(number)
            threads.add(threading.current_thread())
            waits.release()
            yield number

    coming = ahead(batches(), depth=3)
    assert next(coming) == 1
    for _ in range(4):  # three that were asked for at first, one for that which was taken
        assert waits.acquire(timeout=10)
    assert not waits.acquire(timeout=0.2)
    assert made == [1, 2, 3, 4]
    assert threading.current_thread() not in threads and len(threads) == 1
    assert list(coming) == list(range(2, 10))


def test_an_error_comes_at_its_turn():
    def batches() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("the third")

    coming = ahead(batches())
    assert [next(coming), next(coming)] == [1, 2]
    with pytest.raises(ValueError, match="the third"):
        next(coming)


def test_who_stops_early_leaves_no_thread():
    coming = ahead(iter(range(1, 10)))
    next(coming)
    coming.close()
    assert not [one for one in threading.enumerate() if one.name.startswith("batches")]


def test_without_a_gpu_a_batch_is_not_copied():
    batch = torch.zeros(2), torch.ones(3)
    if torch.cuda.is_available():
        assert all(one.is_pinned() for one in pinned(batch))
    else:
        assert pinned(batch) is batch

"""Batches made ahead of the step, so that a GPU does not wait for the CPU."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch
from torch import Tensor

Batch = TypeVar("Batch")

DEPTH = 2
"""Batches that may wait for the step."""


def ahead(batches: Iterator[Batch], depth: int = DEPTH) -> Iterator[Batch]:
    """The same batches in the same order, made by a thread while the step works on earlier ones.

    Args:
        batches: making one draws nothing from the global generators.
        depth: batches that are under way or wait.

    Raises:
        Exception: what making a batch raised, when its turn comes.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="batches") as maker:
        coming = deque(maker.submit(next, batches, None) for _ in range(depth))
        try:
            while (batch := coming.popleft().result()) is not None:
                coming.append(maker.submit(next, batches, None))
                yield batch
        finally:
            for future in coming:
                future.cancel()


def pinned(batch: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """The batch in memory that a GPU can fetch from while it works; on a CPU as it is."""
    if not torch.cuda.is_available():
        return batch
    return batch[0].pin_memory(), batch[1].pin_memory()

"""Decoded samples in memory, as many as a budget holds; the rest is read anew each time."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.images.pixels import Uint8

Sample = tuple[Uint8, Uint8]
"""Image (H,W,3) and label (H,W), both uint8."""


class Cache:
    """Samples by index, kept from the first read on while the budget lasts.

    Which samples are kept follows from the order of reading; what `get` returns does not.

    Args:
        read: `read(index)` decodes a sample.
        budget: bytes of pixels kept at most.
    """

    def __init__(self, read: Callable[[int], Sample], budget: int) -> None:
        self._read = read
        self._left = budget
        self._kept: dict[int, Sample] = {}

    def get(self, index: int) -> Sample:
        """The sample `index`; callers must not write to it."""
        if index in self._kept:
            return self._kept[index]
        sample = self._read(index)
        size = sum(part.nbytes for part in sample)
        if size <= self._left:
            self._left -= size
            self._kept[index] = sample
        return sample

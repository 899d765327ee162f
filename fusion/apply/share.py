"""Fusing shared out among several processes, a GPU each if there are any."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fusion.methods.base import Learned, Method
from fusion.methods.external.adopt import External
from pipeline.params import RuntimeParams
from pipeline.training.devices import make_fabric, refuse_launcher, to_device


@contextmanager
def shared_out(method: Method, runtime: RuntimeParams) -> Iterator[slice]:
    """Start the processes; after the block each has done its share.

    Args:
        method: from `fusion.apply.load`; one from outside makes all its images at once.
        runtime: devices are read.

    Yields:
        Which of all pairs this process fuses.
    """
    if runtime.devices == 1 or isinstance(method, External):
        refuse_launcher("fusing with runtime.devices: 1, or by a method from outside,")
        yield slice(None)
        return
    fabric = make_fabric(runtime=runtime)
    if isinstance(method, Learned):
        to_device(method)  # each process has its own
    yield slice(fabric.global_rank, None, fabric.world_size)
    fabric.barrier()

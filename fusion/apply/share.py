"""Fusing shared out among several processes, a GPU each if there are any."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fusion.methods.base import Learned, Method
from fusion.methods.external.adopt import External
from pipeline.params import Devices
from pipeline.training.devices import device, make_fabric, refuse_launcher


@contextmanager
def shared_out(method: Method, devices: Devices) -> Iterator[slice]:
    """Start the processes; after the block each has done its share.

    Args:
        method: from `fusion.apply.load`; one from outside makes all its images at once.
        devices: `runtime.devices`.

    Yields:
        Which of all pairs this process fuses.
    """
    if devices == 1 or isinstance(method, External):
        refuse_launcher("fusing with runtime.devices: 1, or by a method from outside,")
        yield slice(None)
        return
    fabric = make_fabric(devices=devices)
    if isinstance(method, Learned):
        method.to(device())  # each process has its own
    yield slice(fabric.global_rank, None, fabric.world_size)
    fabric.barrier()

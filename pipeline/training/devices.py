"""The device that networks run on, and Lightning Fabric on it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

from pipeline.training.seeds import deterministic

if TYPE_CHECKING:
    from lightning_fabric import Fabric


def device() -> torch.device:
    """The GPU if there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def use_threads(count: int) -> None:
    """Let CPU arithmetic take this many threads: another number gives other last bits."""
    torch.set_num_threads(count)


@contextmanager
def _absent(module: str) -> Iterator[None]:
    """Let `import module` fail meanwhile, unless it has been imported already."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[module]


def make_fabric(precision: str = "32-true") -> Fabric:
    """Fabric on the device at hand, with the launcher's number of processes if any."""
    # To learn its version, Fabric would import all of torchmetrics, which takes seconds.
    with _absent("torchmetrics"):
        from lightning_fabric import Fabric
    fabric = Fabric(accelerator="auto", devices="auto", precision=precision)  # type: ignore[arg-type]
    fabric.launch()
    deterministic()
    return fabric

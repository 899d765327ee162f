"""Lightning Fabric, without what it imports for nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.seeding import deterministic


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


# To learn its version, Fabric would import all of torchmetrics, which takes as long as PyTorch.
with _absent("torchmetrics"):
    from lightning_fabric import Fabric

__all__ = ["Fabric", "make_fabric"]


def make_fabric(precision: str = "32-true") -> Fabric:
    """Fabric on the device at hand, with the launcher's number of processes if any."""
    fabric = Fabric(accelerator="auto", devices="auto", precision=precision)  # type: ignore[arg-type]
    fabric.launch()
    deterministic()
    return fabric

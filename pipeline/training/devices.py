"""The device that networks run on, and Lightning Fabric on it, or on several of them."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from pipeline.params import Devices, RuntimeParams
from pipeline.stage import rank
from pipeline.stage.errors import UserError
from pipeline.training.seeds import deterministic

if TYPE_CHECKING:
    from lightning_fabric import Fabric


def device() -> torch.device:
    """The GPU if there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def use_threads(count: int) -> None:
    """Let CPU arithmetic take this many threads: another number gives other last bits."""
    torch.set_num_threads(count)


def use_tf32(wanted: bool) -> None:
    """Let a GPU round the factors of float32 products to TF32, ten bits of fraction.

    PyTorch has convolutions do so unless told not to.
    """
    torch.backends.cuda.matmul.allow_tf32 = wanted
    torch.backends.cudnn.allow_tf32 = wanted


def to_device(model: nn.Module) -> None:
    """Put a network that is to be used on the device; float32 there is float32, not TF32."""
    use_tf32(False)
    model.to(device())


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


def refuse_launcher(what: str) -> None:
    """Raise UserError if torchrun or Slurm started several processes for what takes one."""
    processes, _ = rank.launched()
    if processes > 1:
        raise UserError(
            f"{what} takes one process, but the launcher started {processes}; allowed with "
            "several is runtime.devices: auto, or the number on each machine"
        )


def _fabric(precision: str, devices: Devices) -> Fabric:
    """Fabric that has not started; data-parallel if there is more than one device."""
    # To learn its version, Fabric would import all of torchmetrics, which takes seconds.
    with _absent("torchmetrics"):
        from lightning_fabric import Fabric
        from lightning_fabric.plugins.environments import LightningEnvironment
    processes, nodes = rank.launched()
    given: dict[str, Any] = {"accelerator": "auto", "devices": devices, "precision": precision}
    if processes == 1:  # Fabric starts the others, also within a job of Slurm
        given["plugins"] = [LightningEnvironment()]
    if devices == 1:
        refuse_launcher("runtime.devices: 1")
        return Fabric(**given)
    try:
        made = Fabric(**given, num_nodes=nodes)
        if _processes(made) == 1:
            return made
        # Not every method uses all its weights in every step.
        return Fabric(**given, num_nodes=nodes, strategy="ddp_find_unused_parameters_true")
    except (ValueError, RuntimeError) as error:
        raise UserError(f"runtime.devices: {devices}: {str(error).splitlines()[0]}") from None


def _processes(fabric: Fabric) -> int:
    """Processes that a Fabric will have, also before it has started."""
    return int(getattr(fabric.strategy, "num_processes", 1)) * rank.launched()[1]


def _end_with_parent() -> None:
    """End this process when the first one, which started it, has ended."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def make_fabric(
    precision: str = "32-true",
    runtime: RuntimeParams | None = None,
    check: Callable[[int], None] | None = None,
) -> Fabric:
    """Fabric, started, on one device or on several with a process each.

    One process that dies ends the others: Fabric ends the first after another, and the first's
    end is seen by those that it started; torchrun and Slurm see to theirs.

    Args:
        precision: in Fabric's words, or `tf32`.
        runtime: devices and deterministic are read.
        check: called with the number of processes before the others start; raises UserError if
            they cannot share the work.

    Raises:
        UserError: no such devices, or a launcher with another number of processes.
    """
    threads, runtime = torch.get_num_threads(), runtime or RuntimeParams()
    fabric = _fabric("32-true" if precision == "tf32" else precision, runtime.devices)
    if check is not None:
        check(_processes(fabric))
    try:
        fabric.launch()
    except ValueError as error:  # of a launcher whose number is another one
        reason = str(error).splitlines()[0]
        raise UserError(f"runtime.devices: {runtime.devices}: {reason}") from None
    use_threads(threads)  # Fabric shares the cores out where it starts processes
    use_tf32(precision == "tf32")
    if fabric.local_rank > 0 and rank.launched()[0] == 1:
        _end_with_parent()
    on_cpu = fabric.device.type == "cpu"
    deterministic(on_cpu if runtime.deterministic == "auto" else runtime.deterministic)
    return fabric

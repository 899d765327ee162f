"""How much memory a fusion method takes at its peak, on the CPU or a GPU."""

from __future__ import annotations

import gc
from pathlib import Path

import torch
from torch import Tensor

from fusion.methods.base.registry import Method
from pipeline.stage import allocator


def wait(device: torch.device) -> None:
    """Until all work given to a GPU is done: calls return before."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _resident(key: str) -> int | None:
    """VmRSS (resident memory) or VmHWM (its peak) of this process, bytes; None but on Linux."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return None
    line = next(line for line in status.read_text().splitlines() if line.startswith(key))
    return 1024 * int(line.split()[1])


def _gpu_peak(method: Method, pair: tuple[Tensor, Tensor], device: torch.device) -> int:
    """Bytes that torch allocates at the peak of a run beyond what it held before the first one.

    The first run makes what stays, such as workspaces and transforms, and tries what it will not
    take again; so the second one is measured, against the state before both.
    """
    wait(device)
    before = torch.cuda.memory_allocated(device)
    method(*pair)
    wait(device)
    torch.cuda.reset_peak_memory_stats(device)
    method(*pair)
    wait(device)
    return torch.cuda.max_memory_allocated(device) - before


def peak_memory(method: Method, pair: tuple[Tensor, Tensor]) -> float | None:
    """Memory that fusing one pair takes at its peak beyond weights and images, MiB.

    On a GPU what torch allocates; on the CPU the growth of the process. Call it before anything
    else has run the method on that device. None where the system does not tell.

    Args:
        method: ready to fuse, on the device of the pair.
        pair: `ir` (1,1,H,W) and `vis` (1,3,H,W).
    """
    device = pair[0].device
    gc.collect()
    if device.type == "cuda":
        return _gpu_peak(method, pair, device) / 2**20
    allocator.release()  # else what earlier work left free would serve the method unseen
    try:
        Path("/proc/self/clear_refs").write_text("5")  # resets the peak to the present
    except OSError:
        return None
    before_run = _resident("VmRSS")
    method(*pair)
    peak = _resident("VmHWM")
    return None if peak is None or before_run is None else (peak - before_run) / 2**20

"""What a fusion method costs: parameters, arithmetic, time and memory. Table 7 of the paper.

FLOPs are those of the method's definition as torch's counter sees it, a multiplication and an
addition being two: convolutions and matrix products. A convolution counts as the direct sum over
its kernel, however it is computed, so that methods compare by what they are and not by how they
are run; what a faster way saves is in the latency.
"""

from __future__ import annotations

import gc
import time
from copy import deepcopy
from pathlib import Path
from types import MethodType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from fusion.registry import Method
from pipeline import memory

SIDE = 256
"""Height and width of the pair that is measured, as in the paper."""

WARM_UP = 2
REPEATS = 20
FEWEST = 3
BUDGET = 10.0
"""Seconds after which no further run starts, once there are `FEWEST`."""


def example(device: torch.device | str, side: int = SIDE) -> tuple[Tensor, Tensor]:
    """A pair of noise images, (1,1,side,side) and (1,3,side,side) in [0,1]."""
    generator = torch.Generator().manual_seed(0)
    ir, vis = (torch.rand(1, c, side, side, generator=generator) for c in (1, 3))
    return ir.to(device), vis.to(device)


def parameters(method: Method) -> int:
    """Number of weights that a network learns; 0 for a method without any."""
    if not isinstance(method, nn.Module):
        return 0
    return sum(weight.numel() for weight in method.parameters())


def flops(method: Method, side: int = SIDE) -> int | None:
    """FLOPs for one pair of `side`², or None for a method that is no network.

    Nothing is computed: shapes run through a copy without data.
    """
    if not isinstance(method, nn.Module):
        return None
    from torch.utils.flop_counter import FlopCounterMode

    shapes = deepcopy(method).to("meta")
    for module in shapes.modules():
        if isinstance(module, nn.Conv2d):
            module.forward = MethodType(nn.Conv2d.forward, module)  # type: ignore[method-assign]
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        shapes(*example("meta", side))
    return int(counter.get_total_flops())


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def latency(method: Method, device: torch.device, side: int = SIDE) -> dict[str, float]:
    """Time of one pair, milliseconds: median and quartiles over the runs after a warm-up."""
    pair = example(device, side)
    started = time.perf_counter()
    times: list[float] = []
    for run in range(WARM_UP + REPEATS):
        _wait(device)
        start = time.perf_counter()
        method(*pair)
        _wait(device)
        if run >= WARM_UP:
            times.append(1000 * (time.perf_counter() - start))
        if len(times) >= FEWEST and time.perf_counter() - started > BUDGET:
            break
    low, median, high = np.quantile(times, (0.25, 0.5, 0.75)).tolist()
    return {"median_ms": median, "low_ms": low, "high_ms": high, "runs": len(times)}


def _resident(key: str) -> int | None:
    """VmRSS (resident memory) or VmHWM (its peak) of this process, bytes; None but on Linux."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return None
    line = next(line for line in status.read_text().splitlines() if line.startswith(key))
    return 1024 * int(line.split()[1])


def peak_memory(method: Method, device: torch.device, side: int = SIDE) -> float | None:
    """Memory that fusing one pair takes at its peak beyond weights and images, MiB.

    On a GPU what torch allocates; on the CPU the growth of the process, so call it before
    anything else has run the method. None where the system does not tell.
    """
    pair = example(device, side)
    gc.collect()
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        method(*pair)
        return (torch.cuda.max_memory_allocated(device) - before) / 2**20
    memory.release()  # else what earlier work left free would serve the method unseen
    try:
        Path("/proc/self/clear_refs").write_text("5")  # resets the peak to the present
    except OSError:
        return None
    before_run = _resident("VmRSS")
    method(*pair)
    peak = _resident("VmHWM")
    return None if peak is None or before_run is None else (peak - before_run) / 2**20


@torch.inference_mode()
def _on(method: Method, device: torch.device, side: int) -> dict[str, Any]:
    """Memory and time on one device."""
    if isinstance(method, nn.Module):
        method.to(device)
    peak = peak_memory(method, device, side)
    return latency(method, device, side) | {"peak_mib": peak}


def measure(method: Method, side: int = SIDE) -> dict[str, Any]:
    """All costs of a method that is ready to fuse.

    Returns:
        `image` [height, width], `parameters`, `flops`, `cpu` and `gpu` (null without one), each
        with `median_ms`, `low_ms` and `high_ms` (quartiles), `runs` and `peak_mib`, `cpu` also
        with `threads`, `gpu` with `name`.
    """
    found: dict[str, Any] = {
        "image": [side, side],
        "parameters": parameters(method),
        "flops": flops(method, side),
        "cpu": _on(method, torch.device("cpu"), side) | {"threads": torch.get_num_threads()},
        "gpu": None,
    }
    if torch.cuda.is_available() and isinstance(method, nn.Module):
        gpu = torch.device("cuda")
        found["gpu"] = _on(method, gpu, side) | {"name": torch.cuda.get_device_name(gpu)}
    return found

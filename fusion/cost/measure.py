"""What a fusion method costs: parameters, arithmetic, time and memory. Table 7 of the paper.

FLOPs are those of the method's definition as torch's counter sees it, a multiplication and an
addition being two: convolutions and matrix products. A convolution counts as the direct sum over
its kernel, however it is computed, so that methods compare by what they are and not by how they
are run; what a faster way saves is in the latency.
"""

from __future__ import annotations

import time
from copy import deepcopy
from types import MethodType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from fusion.cost.peak_memory import peak_memory, wait
from fusion.methods.base.registry import Method

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


def latency(method: Method, device: torch.device, side: int = SIDE) -> dict[str, float]:
    """Time of one pair, milliseconds: median and quartiles over the runs after a warm-up.

    From images on the device to the fused image on it, on a GPU with the launches of its kernels.
    """
    pair = example(device, side)
    started = time.perf_counter()
    times: list[float] = []
    for run in range(WARM_UP + REPEATS):
        wait(device)
        start = time.perf_counter()
        method(*pair)
        wait(device)
        if run >= WARM_UP:
            times.append(1000 * (time.perf_counter() - start))
        if len(times) >= FEWEST and time.perf_counter() - started > BUDGET:
            break
    low, median, high = np.quantile(times, (0.25, 0.5, 0.75)).tolist()
    return {"median_ms": median, "low_ms": low, "high_ms": high, "runs": len(times)}


def _on(method: Method, device: torch.device, side: int) -> dict[str, Any]:
    """Memory and time on one device."""
    if isinstance(method, nn.Module):
        method.to(device)  # not in inference mode, where moved weights could not be trained again
    with torch.inference_mode():
        peak = peak_memory(method, example(device, side))
        return latency(method, device, side) | {"peak_mib": peak}


def measure(method: Method, side: int = SIDE) -> dict[str, Any]:
    """All costs of a method that is ready to fuse; a network is on the CPU afterwards.

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
        method.to("cpu")
    return found

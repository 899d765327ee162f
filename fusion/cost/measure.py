"""What a fusion method costs: parameters, arithmetic, time and memory. Table 7 of the paper.

FLOPs are those of the method's definition as torch's counter sees it, a multiplication and an
addition being two: convolutions and matrix products. A convolution counts as the direct sum over
its kernel, however it is computed, so that methods compare by what they are and not by how they
are run; what a faster way saves is in the latency.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from types import MethodType
from typing import Any

import torch
from torch import Tensor, nn

from fusion.cost.onnx_runtime import onnx_times
from fusion.cost.peak_memory import peak_memory
from fusion.cost.timing import timed
from fusion.methods.base.registry import Method
from fusion.methods.external.adopt import External
from pipeline.training.devices import use_tf32

Size = tuple[int, int]
"""Height and width."""

SIZES: tuple[Size, ...] = ((256, 256), (480, 640))
"""The pair that is measured: as in the paper, and as cameras and MSRS have it."""


def example(device: torch.device | str, size: Size) -> tuple[Tensor, Tensor]:
    """A pair of noise images, (1,1,H,W) and (1,3,H,W) in [0,1]."""
    generator = torch.Generator().manual_seed(0)
    ir, vis = (torch.rand(1, c, *size, generator=generator) for c in (1, 3))
    return ir.to(device), vis.to(device)


def parameters(method: Method) -> int:
    """Number of weights that a network learns; 0 for a method without any."""
    if not isinstance(method, nn.Module):
        return 0
    return sum(weight.numel() for weight in method.parameters())


def flops(method: Method, size: Size) -> int | None:
    """FLOPs for one pair of that size, or None for a method that is no network.

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
        shapes(*example("meta", size))
    return int(counter.get_total_flops())


def _on(method: Method, device: torch.device, size: Size) -> dict[str, Any]:
    """Memory and time on one device, from images on it to the fused image on it."""
    if isinstance(method, nn.Module):
        method.to(device)  # not in inference mode, where moved weights could not be trained again
    pair = example(device, size)
    with torch.inference_mode():
        peak = peak_memory(method, pair)
        return timed(lambda: method(*pair), device) | {"peak_mib": peak}


def _at(method: Method, size: Size) -> dict[str, Any]:
    """What depends on the size of the pair, but for ONNX Runtime's part."""
    fresh = deepcopy(method)  # with no workspaces from another size, which its peak would hide
    found: dict[str, Any] = {
        "image": list(size),
        "flops": flops(method, size),
        "cpu": _on(fresh, torch.device("cpu"), size) | {"threads": torch.get_num_threads()},
        "gpu": None,
    }
    if torch.cuda.is_available() and isinstance(fresh, nn.Module):
        use_tf32(False)
        gpu = torch.device("cuda")
        found["gpu"] = _on(fresh, gpu, size) | {"name": torch.cuda.get_device_name(gpu)}
    return found


def measure_any(method: Method | External, sizes: Sequence[Size] = SIZES) -> dict[str, Any]:
    """As `measure`, or why nothing is measured of a method whose images come from outside."""
    if isinstance(method, External):
        return {"not_measured": "the images come from outside"}
    return measure(method, sizes)


def measure(method: Method, sizes: Sequence[Size] = SIZES) -> dict[str, Any]:
    """All costs of a method that is ready to fuse and on the CPU, where it stays.

    Returns:
        `parameters`, and `sizes`: for each, under a key such as `256x256`, `image` [height,
        width], `flops`, `cpu`, `gpu` (null without one) and `onnx`, each of the three with
        `median_ms`, `low_ms` and `high_ms` (quartiles) and `runs`; `cpu` and `gpu` also with
        `peak_mib`, `cpu` with `threads`, `gpu` with `name`; `onnx` is `not_measured` with the
        reason where ONNX Runtime cannot have it.
    """
    found = {"x".join(map(str, size)): _at(method, size) for size in sizes}
    for one, onnx in zip(found.values(), onnx_times(method, sizes), strict=True):
        one["onnx"] = onnx
    return {"parameters": parameters(method), "sizes": found}

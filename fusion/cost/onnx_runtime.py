"""The time of ONNX Runtime for the same network, on the CPU."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from fusion.apply import onnx_file
from fusion.cost.timing import timed
from fusion.methods.base import Method
from pipeline.stage.errors import UserError

if TYPE_CHECKING:
    import onnxruntime


def onnx_times(method: Method, sizes: Sequence[tuple[int, int]]) -> list[dict[str, Any]]:
    """Time of a pair of 8-bit images to their 8-bit fused one, for each size.

    Args:
        method: ready to fuse, on the CPU.
        sizes: heights and widths.

    Returns:
        What `timed` says; or `not_measured` with the reason, for all sizes: nothing learned, no
        ONNX Runtime, or a network that cannot be exported.
    """
    try:
        runtime = _session(method)
    except UserError as error:
        return [{"not_measured": str(error)}] * len(sizes)
    found = []
    for height, width in sizes:
        ir, vis = (image.numpy() for image in onnx_file.images(height, width))
        run = partial(runtime.run, ["fused"], {"ir": ir, "vis": vis})
        found.append(timed(run, torch.device("cpu")))
    return found


def _session(method: Method) -> onnxruntime.InferenceSession:
    """ONNX Runtime with the method. Raises UserError where it cannot have it."""
    graph = onnx_file.graph_of(method)
    with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
        path = Path(folder) / "fused.onnx"
        onnx_file.write(graph, path)
        return onnx_file.session(path)

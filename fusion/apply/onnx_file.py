"""A learned fusion method as an ONNX file between 8-bit images, and what ONNX Runtime makes of it.

Colour, clamping and rounding are inside the graph; height and width are free.
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from fusion.methods.base import Learned, Method
from pipeline.stage.errors import UserError

if TYPE_CHECKING:
    import onnxruntime

SIZES = ((64, 80), (97, 131), (160, 128))
"""Height and width of the images that a file is checked on."""

ALLOWED = 1e-4
"""Largest difference of a fused value in [0,1]; it may turn a rounding, so one gray level."""


class Graph(nn.Module):
    """A method between 8-bit images.

    Args:
        method: in eval mode, on the CPU.
    """

    def __init__(self, method: Learned) -> None:
        super().__init__()
        self.method = method

    def forward(self, ir: Tensor, vis: Tensor) -> tuple[Tensor, Tensor]:
        """(N,1,H,W) gray and (N,3,H,W) RGB, uint8, to fused RGB as uint8 and in [0,1]."""
        fused = self.method(ir.float() / 255, vis.float() / 255).clamp(0, 1)
        return (fused * 255).round().to(torch.uint8), fused


def graph_of(method: Method) -> Graph:
    """The graph of a learned method.

    Raises:
        UserError: nothing is learned, or ONNX Runtime and its companions are not installed.
    """
    if not isinstance(method, Learned):
        raise UserError("nothing learned, so nothing to export")
    try:
        import onnxruntime  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise UserError(f"{error.name}: not installed; pip install '.[export]'") from None
    return Graph(method.cpu()).eval()


def images(height: int, width: int) -> tuple[Tensor, Tensor]:
    """A random pair of uint8 images: (1,1,H,W) and (1,3,H,W)."""
    generator = torch.Generator().manual_seed(height * width)
    shapes = (1, 1, height, width), (1, 3, height, width)
    ir, vis = (torch.randint(0, 256, one, generator=generator).to(torch.uint8) for one in shapes)
    return ir, vis


def write(graph: Graph, path: Path) -> None:
    """Write the ONNX file, with height and width free.

    Raises:
        UserError: torch.onnx cannot take this network.
    """
    size = {2: torch.export.Dim("height", min=16), 3: torch.export.Dim("width", min=16)}
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            program = torch.onnx.export(
                graph, images(*SIZES[0]), dynamo=True, dynamic_shapes=(size, size),
                input_names=["ir", "vis"], output_names=["fused", "fused_float"], verbose=False,
            )  # fmt: skip
        except torch.onnx.errors.OnnxExporterError as error:
            reason = str(error.__cause__ or error).strip().splitlines()[0]
            raise UserError(f"torch.onnx cannot take this network: {reason}") from None
    assert program is not None
    program.save(path, external_data=False)


def session(path: Path) -> onnxruntime.InferenceSession:
    """ONNX Runtime on the CPU, with as many threads as PyTorch has.

    Raises:
        UserError: it cannot run this file.
    """
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as states

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except (states.Fail, states.InvalidGraph, states.NotImplemented) as error:
        raise UserError(f"ONNX Runtime cannot run this network: {error}") from None


def check(graph: Graph, path: Path) -> float:
    """Run the file with ONNX Runtime on `SIZES`, beside PyTorch.

    Returns:
        The largest difference of a fused value in [0,1].

    Raises:
        UserError: it is above `ALLOWED`, or 8-bit values differ by more than one level.
    """
    runtime, most = session(path), 0.0
    for height, width in SIZES:
        ir, vis = images(height, width)
        ours, exact = (one.numpy() for one in graph(ir, vis))
        theirs, near = runtime.run(None, {"ir": ir.numpy(), "vis": vis.numpy()})
        most = max(most, float(np.abs(near - exact).max()))
        levels = int(np.abs(theirs.astype(int) - ours).max())
        if most > ALLOWED or levels > 1:
            raise UserError(
                f"{path}: {most:.1e} and {levels} levels from PyTorch at {height}x{width}; "
                f"allowed are {ALLOWED:.0e} and 1"
            )
    return most

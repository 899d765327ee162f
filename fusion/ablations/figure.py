"""Figure 3 of LKC-FUNet's paper, drawn from trained rows of table 2."""

from __future__ import annotations

import io
from pathlib import Path

import torch

from fusion.color import luminance
from fusion.data import to_tensors
from fusion.lkc_funet.correlation import correlation_figure, init_features, local_correlation
from fusion.methods.lkc_funet import LKCFUNetFusion
from fusion.registry import Method
from pipeline import pairs
from pipeline.files import write_bytes
from pipeline.images import read_gray, read_rgb


@torch.inference_mode()
def draw_figure_3(methods: dict[str, Method], directory: Path, out: Path) -> Path:
    """Maps of local inter-channel correlation after InitBlock on the first test pair.

    Args:
        methods: trained `lkc_funet` methods by the name of InitBlock's norm.
        directory: of the data set.
        out: PNG to write.

    Returns:
        `out`.
    """
    name = pairs.names(pairs.read_manifest(directory), "test")[0]
    ir = read_gray(pairs.image_path(directory, "test", "ir", name))
    vis = read_rgb(pairs.image_path(directory, "test", "vi", name))
    maps = {}
    for norm, method in methods.items():
        assert isinstance(method, LKCFUNetFusion)
        device = next(method.parameters()).device
        ir_tensor, vis_tensor = (tensor.to(device) for tensor in to_tensors(ir, vis))
        features = init_features(method.network, luminance(vis_tensor), ir_tensor)
        maps[norm] = local_correlation(features)[0]
    figure = correlation_figure(maps, vis)
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=160, bbox_inches="tight", metadata={"Software": "matplotlib"})
    write_bytes(out, buffer.getvalue())
    return out

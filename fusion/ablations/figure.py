"""Figure 3 of LKC-FUNet's paper, drawn from trained rows of table 2."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import torch

from fusion.ablations.pair_set import PairSet
from fusion.ablations.rows import name_of
from fusion.apply.load import trained_method
from fusion.learning.crops import to_tensors
from fusion.methods.base.color import luminance
from fusion.methods.base.registry import Method
from fusion.methods.lkc_funet import LKCFUNetFusion
from fusion.methods.lkc_funet.correlation import (
    correlation_figure,
    init_features,
    local_correlation,
)
from pipeline.data import pairs
from pipeline.images.pixels import read_gray, read_rgb
from pipeline.images.whole import write_bytes
from pipeline.params.medical import MedicalSpec

ROWS = {"BN": "h", "IN": "k"}
"""Rows of table 2 that differ in InitBlock's norm only, by that norm. The paper compares the two
norms without naming the networks; these are the whole network with either."""


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
    name = pairs.names(directory, "test")[0]
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


def figure_3(
    pair_set: PairSet, variants: dict[str, Any], out: Path, seed: int | None = None
) -> list[Path]:
    """Write figure 3 if both its rows are among the trained `variants`; the files written."""
    names = {norm: name_of("lkc_funet", "2", key, seed) for norm, key in ROWS.items()}
    if not set(names.values()) <= variants.keys():
        return []
    methods = {
        norm: trained_method(
            name, MedicalSpec.model_validate(variants[name]), pair_set.trained(name)
        )
        for norm, name in names.items()
    }
    return [draw_figure_3(methods, pair_set.data, out)]

"""A network as an ONNX file: what PyTorch gives, at any size, from 8-bit images."""

from pathlib import Path

import numpy as np
import pytest
import torch

from fusion import create
from fusion.apply import onnx_file
from pipeline.stage.errors import UserError

onnxruntime = pytest.importorskip("onnxruntime", reason="the extra [export] is not installed")

METHODS = [
    pytest.param("lkc_funet_lite", {}, marks=pytest.mark.slow),
    pytest.param("mmif_amin", {"blocks": 1, "units": 1}, marks=pytest.mark.long),
    pytest.param(
        "lkc_funet",
        {"width": 16, "init_width": 8, "groups": 4, "kernels": (15, 5), "conv": "frequency"},
        marks=pytest.mark.long,
    ),
]


@pytest.mark.parametrize(("name", "params"), METHODS)
@torch.inference_mode()
def test_the_file_gives_what_the_network_gives(name: str, params: dict, tmp_path: Path):
    torch.manual_seed(0)
    method = create(name, **params).eval()
    for weight in method.parameters():
        weight.mul_(1.5)  # away from where training starts
    path = tmp_path / "fused.onnx"
    graph = onnx_file.Graph(method)
    onnx_file.write(graph, path)
    assert onnx_file.check(graph, path) <= onnx_file.ALLOWED
    session = onnxruntime.InferenceSession(path)
    for height, width in ((33, 47), (120, 50)):  # sizes that `check` does not try
        ir, vis = onnx_file.images(height, width)
        expected = method(ir.float() / 255, vis.float() / 255)
        levels, fused = session.run(None, {"ir": ir.numpy(), "vis": vis.numpy()})
        np.testing.assert_allclose(fused, expected.numpy(), atol=1e-4)
        assert levels.dtype == np.uint8
        assert np.abs(levels / 255.0 - expected.numpy()).max() < 0.6 / 255
    assert sum(weight.numel() for weight in method.parameters()) * 4 < path.stat().st_size


def test_a_file_of_another_network_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class Session:
        def __init__(self, *_args, **_kwargs):
            pass

        def run(self, _names, given):
            return given["vis"], given["vis"] / np.float32(255)

    monkeypatch.setattr(onnxruntime, "InferenceSession", Session)
    graph = onnx_file.Graph(create("lkc_funet_lite").eval())
    with (
        torch.inference_mode(),
        pytest.raises(UserError, match="levels from PyTorch at 64x80; allowed are 1e-04"),
    ):
        onnx_file.check(graph, tmp_path / "no.onnx")

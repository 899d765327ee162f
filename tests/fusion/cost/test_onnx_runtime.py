"""ONNX Runtime's time beside PyTorch's: there for a network, a reason where it cannot be."""

import builtins

import pytest
import torch

from fusion import create
from fusion.cost.onnx_runtime import onnx_times
from fusion.methods.base import Learned


@pytest.mark.slow
def test_a_network_has_a_time_at_each_size_and_can_be_trained_afterwards():
    pytest.importorskip("onnxruntime", reason="the extra [export] is not installed")
    network = create("lkc_funet_lite", channels=4, layers=0)
    small, large = onnx_times(network, [(16, 24), (240, 320)])
    for found in (small, large):
        assert 0 < found["low_ms"] <= found["median_ms"] <= found["high_ms"]
    assert small["median_ms"] < large["median_ms"]  # of 200 times as many pixels
    network(torch.rand(1, 1, 16, 16), torch.rand(1, 3, 16, 16)).mean().backward()


def test_without_onnx_runtime_the_reason_is_said(monkeypatch: pytest.MonkeyPatch):
    really = builtins.__import__

    def absent(name, *args, **kwargs):
        if name == "onnxruntime":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return really(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", absent)
    reason = {"not_measured": "onnxruntime: not installed; pip install '.[export]'"}
    assert onnx_times(create("lkc_funet_lite"), [(16, 16), (32, 32)]) == [reason, reason]


class _Sorting(Learned):
    """What it does depends on values, which no graph can."""

    def __init__(self):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.ones(1))

    def forward(self, ir, vis):
        return vis * self.scale if float(ir.mean()) > 0.5 else vis

    def losses(self, ir, vis):
        return {"all": self.forward(ir, vis).mean()}


@pytest.mark.slow
def test_a_network_that_cannot_be_exported_says_why():
    pytest.importorskip("onnxruntime", reason="the extra [export] is not installed")
    (found,) = onnx_times(_Sorting(), [(16, 16)])
    assert found["not_measured"].startswith("torch.onnx cannot take this network: ")

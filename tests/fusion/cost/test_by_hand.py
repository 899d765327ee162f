"""Weights and operations counted by hand, and the peak of memory of a known temporary."""

import pytest
import torch
from torch import nn

from fusion.cost import measure as cost
from fusion.cost.peak_memory import peak_memory
from fusion.layers.large_kernel import LargeKernelConv2d
from fusion.methods.base import registry
from pipeline.stage import allocator


class _Network(nn.Module):
    """Concatenated pair through a large-kernel convolution to three channels."""

    def __init__(self, conv):
        super().__init__()
        self.mix = LargeKernelConv2d(4, 3, 11, conv=conv)

    def forward(self, ir, vis):
        return self.mix(torch.cat((ir, vis), 1))


@pytest.mark.parametrize("conv", ["direct", "frequency"])
def test_cost_by_hand_whatever_the_way_of_computing(conv):
    network = _Network(conv)
    assert cost.parameters(network) == 4 * 3 * 11 * 11 + 3
    assert cost.flops(network, (64, 48)) == 2 * 4 * 3 * 11 * 11 * 64 * 48
    sizes = cost.measure(network, [(64, 48), (32, 32)])["sizes"]
    assert list(sizes) == ["64x48", "32x32"]
    found = sizes["64x48"]
    assert found["image"] == [64, 48]
    assert found["flops"] == 6 * sizes["32x32"]["flops"] / 2
    assert found["onnx"] == {"not_measured": "nothing learned, so nothing to export"}
    assert 0 < found["cpu"]["low_ms"] <= found["cpu"]["median_ms"] <= found["cpu"]["high_ms"]
    assert found["cpu"]["runs"] >= 3
    assert network.mix.conv == conv
    assert next(network.parameters()).device.type == "cpu"


def test_a_method_that_is_no_network_has_no_weights_and_no_count():
    average = registry.create("average")
    assert (cost.parameters(average), cost.flops(average, (48, 48))) == (0, None)
    assert cost.measure(average, [(48, 48)])["sizes"]["48x48"]["cpu"]["median_ms"] > 0


def test_peak_memory_sees_a_large_temporary():
    def hungry(ir, vis):
        return vis + torch.ones(64 * 2**20 // 4).sum()

    allocator.prepare()
    earlier = torch.ones(96 * 2**20 // 4)  # freed memory that the allocator keeps
    del earlier
    found = peak_memory(hungry, cost.example("cpu", (48, 48)))
    assert found is None or 60 < found < 200

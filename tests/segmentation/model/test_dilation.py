"""Dilated depthwise convolutions by grids, against PyTorch's own."""

import pytest
import torch
from torch import nn

from segmentation.model.dilation import PhasedConv2d, join, split, use_phases


def dilated(kernel: int, dilation: int, bias: bool) -> nn.Conv2d:
    """A depthwise layer of six channels that keeps the size."""
    padding = dilation * (kernel // 2)
    return nn.Conv2d(6, 6, kernel, padding=padding, dilation=dilation, groups=6, bias=bias).double()


@pytest.mark.parametrize(("kernel", "dilation"), [(3, 2), (5, 2), (3, 4)])
@pytest.mark.parametrize("size", [(8, 12), (7, 9), (3, 2)])
def test_same_outputs_and_gradients_as_pytorch(
    kernel: int, dilation: int, size: tuple[int, int]
) -> None:
    plain = dilated(kernel, dilation, bias=True)
    network = nn.Sequential(dilated(kernel, dilation, bias=True))
    network.load_state_dict({f"0.{key}": value for key, value in plain.state_dict().items()})
    use_phases(network)
    assert isinstance(network[0], PhasedConv2d)
    x = torch.randn(2, 6, *size, dtype=torch.float64, requires_grad=True)
    seen = torch.randn(2, 6, *size, dtype=torch.float64)
    results = []
    for layer in (plain, network):
        y = layer(x)
        results.append((y, *torch.autograd.grad((y * seen).sum(), [x, *layer.parameters()])))
    for found, expected in zip(*results, strict=True):
        torch.testing.assert_close(found, expected)


def test_split_takes_every_dth_pixel() -> None:
    x = torch.arange(24.0).view(1, 1, 4, 6)
    grids = split(x, 2)
    assert torch.equal(grids[1, 0], x[0, 0, ::2, 1::2])
    assert torch.equal(join(grids, 2, 4, 6), x)


def test_other_layers_stay_and_names_too() -> None:
    network = nn.Sequential(
        nn.Conv2d(4, 8, 3, padding=2, dilation=2),  # dense
        nn.Conv2d(8, 8, 3, padding=1, groups=8),  # not dilated
        nn.Conv2d(8, 8, 3, padding=2, dilation=2, groups=8, bias=False),
        nn.Conv2d(8, 8, 3, padding=2, dilation=2, groups=8, stride=2),  # does not keep the size
    )
    before = {key: value.clone() for key, value in network.state_dict().items()}
    use_phases(network)
    assert [isinstance(layer, PhasedConv2d) for layer in network] == [False, False, True, False]
    assert list(network.state_dict()) == list(before)
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())

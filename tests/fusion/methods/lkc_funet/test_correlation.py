"""The map of local inter-channel correlation (Figure 3), against NumPy's `corrcoef`."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from fusion.methods.lkc_funet import Architecture, LKCFUNet
from fusion.methods.lkc_funet.correlation import (
    correlation_figure,
    init_features,
    local_correlation,
)


def by_numpy(features: torch.Tensor, window: int, row: int, column: int) -> float:
    half = window // 2
    padded = np.pad(features[0].double().numpy(), ((0, 0), (half, half), (half, half)), "edge")
    patch = padded[:, row : row + window, column : column + window].reshape(len(padded), -1)
    matrix = np.corrcoef(patch[patch.std(axis=1) > 0])
    return np.abs(matrix[~np.eye(len(matrix), dtype=bool)]).mean()


@pytest.mark.parametrize("window", [3, 5])
def test_is_the_mean_of_numpy_s_correlations(window) -> None:
    torch.manual_seed(0)
    features = torch.randn(1, 6, 9, 11)
    features[:, 2] = 1.5 * features[:, 0] + 0.3  # correlated with channel 0
    features[:, 4] = 7.0  # constant: has no correlation
    found = local_correlation(features, window)
    assert found.shape == (1, 9, 11)
    for place in ((0, 0), (4, 5), (8, 3)):
        assert found[0][place].item() == pytest.approx(by_numpy(features, window, *place), abs=1e-5)


def test_equal_and_opposite_channels_correlate_fully() -> None:
    one = torch.rand(2, 1, 8, 8) + 100  # a large mean must not drown small variation
    torch.testing.assert_close(local_correlation(one.expand(-1, 5, -1, -1)), torch.ones(2, 8, 8))
    opposed = local_correlation(torch.cat((one, 200 - one), dim=1))
    torch.testing.assert_close(opposed, torch.ones(2, 8, 8))


def test_is_zero_where_nothing_varies() -> None:
    assert local_correlation(torch.full((1, 4, 6, 6), 0.1)).count_nonzero() == 0


@pytest.mark.parametrize("norm", ["instance", "batch"])
def test_init_features_are_those_of_the_first_layers(norm) -> None:
    torch.manual_seed(0)
    a = Architecture(width=16, init_width=8, kernels=(5, 3), groups=4, init_norm=norm)
    network = LKCFUNet(a).eval()
    vis, ir = torch.rand(2, 1, 1, 10, 12)
    first = network.init_conv(torch.cat((vis, ir), dim=1))
    normalised = (
        functional.instance_norm(first)
        if norm == "instance"
        else functional.batch_norm(first, torch.zeros(8), torch.ones(8))
    )
    last = network.IN_conv[3]
    assert isinstance(last, nn.Conv2d)
    expected = functional.conv2d(normalised.relu(), last.weight, last.bias, padding=2)
    torch.testing.assert_close(init_features(network, vis, ir), expected, rtol=1e-4, atol=1e-5)


def test_figure_shows_each_map_with_its_mean() -> None:
    maps = {"IN": torch.full((4, 5), 0.25), "BN": torch.full((4, 5), 0.5)}
    figure = correlation_figure(maps, image=np.zeros((4, 5, 3), np.uint8))
    titles = [axis.get_title() for axis in figure.axes[:3]]
    assert titles == ["VIS", "IN: mean 0.250", "BN: mean 0.500"]
    for axis, values in zip(figure.axes[1:3], maps.values(), strict=True):
        np.testing.assert_array_equal(axis.images[0].get_array(), values)
        assert axis.images[0].get_clim() == (0, 0.5)

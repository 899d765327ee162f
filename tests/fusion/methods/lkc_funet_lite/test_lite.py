"""LKC-FUNet lite: its size, where it starts, and its loss against NumPy and cases by hand."""

import numpy as np
import pytest
import torch

from fusion.methods.base import create
from fusion.methods.lkc_funet_lite.loss import (
    LiteWeights,
    contrast_loss,
    correlation_loss,
    gradient_loss,
    lite_losses,
    range_loss,
)
from fusion.methods.lkc_funet_lite.network import LiteNetwork


@pytest.fixture
def images():
    torch.manual_seed(1)
    fused, vis, ir = torch.rand(3, 2, 1, 16, 20)
    return fused, vis, ir


def test_at_most_ten_thousand_weights():
    method = create("lkc_funet_lite")
    assert sum(weight.numel() for weight in method.parameters()) == 9288 <= 10_000


def test_starts_near_the_maximum():
    torch.manual_seed(0)
    network = LiteNetwork()
    vis, ir = torch.rand(2, 1, 1, 21, 33)
    with torch.no_grad():
        assert (network(vis, ir) - torch.maximum(vis, ir)).abs().max() < 0.05


def test_a_pixel_reaches_as_far_as_its_layers():
    """Five 3×3 convolutions at half the size: 5 cells of 2 pixels to each side."""
    torch.manual_seed(0)
    network = LiteNetwork()
    vis, ir = torch.rand(2, 1, 1, 40, 40)
    vis.requires_grad_()
    network(vis, ir)[0, 0, 20, 20].backward()
    rows = vis.grad[0, 0].abs().sum(dim=1).nonzero().squeeze()
    assert (int(rows.min()), int(rows.max())) == (10, 31)


def test_correlation_is_two_minus_scd_of_numpy(images):
    fused, vis, ir = images
    found = []
    for f, v, i in zip(*(one[:, 0].double().numpy() for one in images), strict=True):
        r = np.corrcoef((f - v).ravel(), i.ravel())[0, 1]
        r += np.corrcoef((f - i).ravel(), v.ravel())[0, 1]
        found.append(2 - r)
    assert correlation_loss(fused, vis, ir).item() == pytest.approx(np.mean(found), abs=1e-4)
    assert correlation_loss(vis + ir, vis, ir).item() == pytest.approx(0, abs=1e-4)


def test_gradient_at_gain_one_vanishes_for_the_source_with_the_edges(images):
    flat = torch.full_like(images[1], 0.5)
    assert gradient_loss(images[1], images[1], flat, 1.0).item() == 0
    ramp = torch.arange(12.0).expand(1, 1, 12, 12) / 100  # Sobel: 8 steps of 0.01
    assert gradient_loss(ramp, ramp, 0 * ramp, 1.5).item() == pytest.approx(0.5 * 0.08, rel=1e-4)
    # The same edge the other way round is no edge of the source.
    assert gradient_loss(-ramp, ramp, 0 * ramp, 1.0).item() == pytest.approx(2 * 0.08, rel=1e-4)


def test_contrast_asks_for_what_is_missing_only(images):
    fused, vis, ir = images
    most = torch.maximum(vis, ir)
    assert contrast_loss(most, vis, ir, 1.0).item() == 0
    wanted = 1.2 * most.std(dim=(1, 2, 3)).mean()
    assert contrast_loss(torch.zeros_like(vis), vis, ir, 1.2).item() == pytest.approx(wanted.item())
    far = (4 * (fused - 0.5) + 0.5).requires_grad_()
    contrast_loss(far, vis, ir, 3.0).backward()
    assert far.grad.abs().sum() > 0


def test_range_by_hand():
    assert range_loss(torch.tensor([-0.2, 0.5, 1.0, 1.4])).item() == pytest.approx(0.15)


def test_weights_scale_their_terms(images):
    one = lite_losses(*images, LiteWeights(1, 1, 1, 1.2, 1, 1, 1.1))
    other = lite_losses(*images, LiteWeights(2, 3, 4, 1.2, 5, 6, 1.1))
    factors = {"ssim": 2, "intensity": 3, "gradient": 4, "correlation": 5, "contrast": 6}
    for name, factor in factors.items():
        torch.testing.assert_close(other[name], factor * one[name])
    assert other["range"] == one["range"]

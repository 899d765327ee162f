"""Each term of the loss against another library or a case worked out by hand."""

import numpy as np
import pytest
import torch
from scipy import ndimage
from sewar.full_ref import ssim
from sewar.utils import Filter

from fusion.learning.losses import fusion_losses, gradient_loss, intensity_loss, sobel, ssim_loss


@pytest.fixture
def images() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    fused, vis, ir = torch.rand(3, 2, 1, 24, 20)
    return fused, vis, ir


def test_ssim_loss_is_sewar_s(images) -> None:
    fused, vis, ir = (image[:, 0].double().numpy() for image in images)
    window = {"fltr": Filter.GAUSSIAN, "sigma": 1.5, "ws": 11}
    shares = [
        (ssim(v, f, MAX=1, fltr_specs=window)[0] + ssim(i, f, MAX=1, fltr_specs=window)[0]) / 2
        for f, v, i in zip(fused, vis, ir, strict=True)
    ]
    assert ssim_loss(*images).item() == pytest.approx(1 - np.mean(shares), abs=1e-5)


def test_sobel_is_scipy_s(images) -> None:
    image = images[0]
    planes = image[:, 0].double().numpy()
    expected = [
        sum(np.abs(ndimage.sobel(plane, axis, mode="constant")) for axis in (0, 1))
        for plane in planes
    ]
    np.testing.assert_allclose(sobel(image)[:, 0], np.stack(expected), atol=1e-5)


def test_intensity_by_hand() -> None:
    fused, vis, ir = (
        torch.tensor(row).view(1, 1, 1, 3)
        for row in ([0.5, 0.5, 0.5], [0.9, 0.1, 0.5], [0.2, 0.4, 0.5])
    )
    assert intensity_loss(fused, vis, ir).item() == pytest.approx((0.4 + 0.1 + 0.0) / 3)


def test_gradient_follows_the_stronger_edge() -> None:
    """A step of height h has |∂x| = 4h in the two columns beside it; borders agree here."""
    step = torch.zeros(1, 1, 5, 8)
    step[..., 4:] = 1.0
    flat = torch.zeros_like(step)
    assert gradient_loss(step, step, flat).item() == 0
    assert gradient_loss(step, flat, step).item() == 0
    inner = (sobel(step) - sobel(0.25 * step))[..., 1:-1, 3:5]
    torch.testing.assert_close(inner, torch.full_like(inner, 3.0))


def test_nothing_is_lost_when_all_three_are_equal(images) -> None:
    image = images[0]
    for name, term in fusion_losses(image, image, image).items():
        assert term.item() == pytest.approx(0, abs=1e-6), name


def test_weights_scale_each_term_and_gradients_reach_the_fused_image(images) -> None:
    fused, vis, ir = images
    fused.requires_grad_()
    plain = fusion_losses(fused, vis, ir)
    weighted = fusion_losses(fused, vis, ir, weights=(2.0, 0.0, 0.5))
    assert list(plain) == ["ssim", "intensity", "gradient"]
    for name, weight in zip(plain, (2.0, 0.0, 0.5), strict=True):
        torch.testing.assert_close(weighted[name], weight * plain[name])
        (gradient,) = torch.autograd.grad(plain[name], fused, retain_graph=True)
        assert gradient.abs().sum() > 0

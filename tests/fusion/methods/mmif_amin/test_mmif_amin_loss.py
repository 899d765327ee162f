"""The adaptive loss against hand-computed cases, other libraries and the theory of Gaussians."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import entropy as scipy_entropy
from torchmetrics.functional.image import structural_similarity_index_measure

from fusion.methods.mmif_amin.loss import adaptive_loss, average_gradient, entropy, first_share
from fusion.methods.mmif_amin.rmi import RIDGE, region_mutual_information


def noise(seed: int, size: int = 160, scale: float = 1.0) -> torch.Tensor:
    return scale * torch.randn(1, 1, size, size, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_rmi_of_correlated_noise_is_that_of_gaussians(rho: float) -> None:
    """Pixels independent of each other: every pixel gives −½ log(1 − ρ²) nats.

    From 25,600 pixels of variance far above the ridge: good to 0.01.
    """
    source = noise(0, scale=30)
    fused = rho * source + math.sqrt(1 - rho**2) * noise(1, scale=30)
    measured = region_mutual_information(source, fused).item()
    assert measured == pytest.approx(-0.5 * math.log(1 - rho**2), abs=1e-2)


def test_rmi_of_single_pixels_is_minus_half_log_of_one_minus_squared_correlation() -> None:
    generator = np.random.default_rng(3)
    source = generator.random((20, 30))
    fused = 0.3 * source + generator.random((20, 30))
    correlation = np.corrcoef(source.ravel(), fused.ravel())[0, 1]
    tensors = (torch.from_numpy(100 * image)[None, None] for image in (source, fused))
    measured = region_mutual_information(*tensors, radius=1).item()
    assert measured == pytest.approx(-0.5 * math.log(1 - correlation**2), rel=1e-4)


def test_rmi_against_the_joint_covariance() -> None:
    """I = ½ log(det Σ_Y det Σ_P / det Σ_joint), by NumPy, on regions cut by NumPy."""
    source = noise(0, 24)
    fused = 0.6 * source + 0.4 * source.roll(1, dims=3) + 0.5 * noise(2, 24)

    def regions(image: torch.Tensor) -> np.ndarray:
        windows = np.lib.stride_tricks.sliding_window_view(image[0, 0].double().numpy(), (3, 3))
        return windows.reshape(-1, 9).T

    y, p = regions(source), regions(fused)
    joint = np.cov(np.vstack((y, p)), bias=True) + RIDGE * np.eye(18)
    parts = [np.linalg.slogdet(m)[1] for m in (joint[:9, :9], joint[9:, 9:], joint)]
    expected = 0.5 * (parts[0] + parts[1] - parts[2]) / 9
    # The ridge enters the conditional covariance once in each form: equal up to its size.
    assert region_mutual_information(source, fused).item() == pytest.approx(expected, rel=1e-3)


def test_rmi_is_largest_for_the_source_itself_and_blind_to_contrast() -> None:
    source = torch.rand(1, 1, 40, 40, generator=torch.Generator().manual_seed(4))
    itself = region_mutual_information(source, source)
    noisy = region_mutual_information(source, source + 0.1 * noise(5, 40))
    assert itself > noisy > 0
    inverted = region_mutual_information(source, 1 - source)
    assert torch.allclose(inverted, itself)


def test_rmi_of_flat_images_is_zero_and_has_a_gradient() -> None:
    source = torch.rand(2, 1, 20, 20)
    flat = torch.full_like(source, 0.5).requires_grad_()
    value = region_mutual_information(source, flat)
    assert torch.allclose(value, torch.zeros(2, dtype=value.dtype), atol=1e-9)
    value.sum().backward()
    assert flat.grad is not None
    assert flat.grad.isfinite().all()


def test_rmi_has_the_right_gradient() -> None:
    source = torch.rand(1, 1, 6, 7, dtype=torch.double)
    fused = torch.rand(1, 1, 6, 7, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda f: region_mutual_information(source, f, radius=2), (fused,)
    )


def test_average_gradient_of_ramps() -> None:
    """A plane of slopes 3 and 4 has sqrt((9 + 16)/2) everywhere."""
    y, x = torch.meshgrid(torch.arange(6.0), torch.arange(9.0), indexing="ij")
    image = torch.stack((3 * x + 4 * y, torch.zeros_like(x)))[:, None]
    assert average_gradient(image).tolist() == pytest.approx([math.sqrt(12.5), 0.0])


def test_entropy_is_scipys() -> None:
    levels = torch.randint(0, 256, (2, 1, 30, 40), generator=torch.Generator().manual_seed(0))
    levels[1] = 7
    expected = [
        scipy_entropy(np.bincount(image.ravel(), minlength=256), base=2) for image in levels.numpy()
    ]
    assert entropy(levels / 255).tolist() == pytest.approx(expected, abs=1e-4)


def test_shares() -> None:
    shares = first_share(torch.tensor([3.0, 0.0, 0.0, 2.0]), torch.tensor([1.0, 0.0, 5.0, 0.0]))
    assert shares.tolist() == [0.75, 0.5, 0.0, 1.0]


def images() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(9)
    first = torch.rand(1, 1, 40, 40, generator=generator)
    second = torch.nn.functional.avg_pool2d(
        torch.rand(1, 1, 42, 42, generator=generator), 3, stride=1
    )
    return first, second, 0.7 * first + 0.3 * second


def ssim(a: torch.Tensor, b: torch.Tensor) -> float:
    """By torchmetrics, which the loss does not use; mean over windows inside the image."""
    _, full = structural_similarity_index_measure(
        a, b, sigma=1.5, data_range=1.0, return_full_image=True
    )
    return float(full[..., 5:-5, 5:-5].mean())


def test_fixed_weights_give_the_weighted_terms() -> None:
    first, second, fused = images()
    terms = adaptive_loss(first, second, fused, alpha=0.25, beta=0.75)
    dissimilarity = 0.25 * (1 - ssim(first, fused)) + 0.75 * (1 - ssim(second, fused))
    assert terms["ssim"].item() == pytest.approx(dissimilarity, abs=1e-4)
    rmi = 0.75 * region_mutual_information(first, fused) + 0.25 * region_mutual_information(
        second, fused
    )
    assert terms["rmi"].item() == pytest.approx(-rmi.item(), rel=1e-5)


def test_adaptive_weights_are_the_sources_gradients_and_entropies() -> None:
    first, second, fused = images()
    alpha = (average_gradient(first) / (average_gradient(first) + average_gradient(second))).item()
    beta = (entropy(first) / (entropy(first) + entropy(second))).item()
    assert alpha > 0.6  # the first one is noise, the second a blur of noise
    expected = adaptive_loss(first, second, fused, alpha, beta)
    measured = adaptive_loss(first, second, fused)
    assert measured["ssim"].item() == pytest.approx(expected["ssim"].item(), rel=1e-5)
    assert measured["rmi"].item() == pytest.approx(expected["rmi"].item(), rel=1e-5)


def test_weights_are_of_each_image_of_the_batch() -> None:
    first, second, fused = images()
    both = adaptive_loss(
        torch.cat((first, second)), torch.cat((second, first)), torch.cat((fused, fused))
    )
    one, other = adaptive_loss(first, second, fused), adaptive_loss(second, first, fused)
    for term in ("ssim", "rmi"):
        mean = (one[term].item() + other[term].item()) / 2
        assert both[term].item() == pytest.approx(mean, rel=1e-5)


def test_showing_both_sources_is_worth_more_than_copying_one() -> None:
    """Why the ridge is as large as it is: sources with the contrast of medical images."""
    first, second = (0.5 + 0.15 * noise(seed).clamp(-3, 3) for seed in (6, 7))

    def worth(fused: torch.Tensor) -> float:
        both = [region_mutual_information(source, fused) for source in (first, second)]
        return torch.stack(both).sum().item()

    assert worth(first + second - 0.5) > max(worth(first), worth(second)) > worth(first * 0 + 0.5)

"""The adaptive loss against hand-computed cases, other libraries and the theory of Gaussians."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import entropy as scipy_entropy
from torchmetrics.functional.image import structural_similarity_index_measure

from fusion.methods.mmif_amin.loss import adaptive_loss, average_gradient, entropy, weights_of
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
    """A plane that rises by 3 and 4 gray levels a pixel has √(9 + 16) everywhere."""
    y, x = torch.meshgrid(torch.arange(6.0), torch.arange(9.0), indexing="ij")
    levels = torch.stack((3 * x + 4 * y, torch.zeros_like(x)))[:, None]
    assert average_gradient(levels / 255).tolist() == pytest.approx([5.0, 0.0], abs=1e-5)


def test_entropy_is_scipys() -> None:
    levels = torch.randint(0, 256, (2, 1, 30, 40), generator=torch.Generator().manual_seed(0))
    levels[1] = 7
    expected = [
        scipy_entropy(np.bincount(image.ravel(), minlength=256), base=2) for image in levels.numpy()
    ]
    assert entropy(levels / 255).tolist() == pytest.approx(expected, abs=1e-4)


def test_weights_are_the_measures_their_shares_or_fixed() -> None:
    measures = torch.tensor([3.0, 0.0, 0.0, 2.0]), torch.tensor([1.0, 0.0, 5.0, 0.0])
    for one, measure in zip(weights_of(measures, None, normalise=False), measures, strict=True):
        assert torch.equal(one, measure)
    first, second = weights_of(measures, None, normalise=True)
    assert first.tolist() == [0.75, 0.5, 0.0, 1.0]
    assert second.tolist() == [0.25, 0.5, 1.0, 0.0]
    for normalise in (False, True):
        first, second = weights_of(measures, (0.2, 1.0), normalise)
        assert (first.tolist(), second.tolist()) == (pytest.approx([0.2] * 4), [1.0] * 4)


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
    terms = adaptive_loss(first, second, fused, alpha=(0.25, 2.0), beta=(1.0, 1.0))
    dissimilarity = 0.25 * (1 - ssim(first, fused)) + 2 * (1 - ssim(second, fused))
    assert terms["ssim"].item() == pytest.approx(dissimilarity, abs=1e-4)
    rmi = region_mutual_information(first, fused) + region_mutual_information(second, fused)
    assert terms["rmi"].item() == pytest.approx(-rmi.item(), rel=1e-5)


@pytest.mark.parametrize("normalise", [False, True])
def test_adaptive_weights_are_the_sources_gradients_and_entropies(normalise: bool) -> None:
    """Gradients by NumPy and entropies by SciPy, of the gray levels."""
    first, second, fused = images()

    def measures(image: torch.Tensor) -> tuple[float, float]:
        levels = image[0, 0].double().numpy() * 255
        across, down = np.diff(levels, axis=1)[:-1], np.diff(levels, axis=0)[:, :-1]
        counts = np.bincount(np.rint(levels).astype(int).ravel(), minlength=256)
        return float(np.hypot(across, down).mean()), float(scipy_entropy(counts, base=2))

    (a1, b1), (a2, b2) = measures(first), measures(second)
    assert a1 > 2 * a2  # the first one is noise, the second a blur of noise
    if normalise:
        a1, a2, b1, b2 = a1 / (a1 + a2), a2 / (a1 + a2), b1 / (b1 + b2), b2 / (b1 + b2)
    expected = adaptive_loss(first, second, fused, (a1, a2), (b1, b2))
    measured = adaptive_loss(first, second, fused, normalise=normalise)
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

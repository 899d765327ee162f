"""AFM: phase congruency against two other libraries, the measure against its description."""

import warnings

import numpy as np
import pytest
import torch
from scipy import ndimage

from fusion.metrics import evaluate, phase
from fusion.metrics.image import Image


def scene(seed: int = 0, shape: tuple[int, int] = (60, 72)) -> np.ndarray:
    """Smooth structure of several sizes under a little noise, (H, W) uint8."""
    rng = np.random.default_rng(seed)
    total = sum(ndimage.gaussian_filter(rng.normal(size=shape), s) * s for s in (1, 2, 5))
    scaled = 30 + 190 * (total - total.min()) / np.ptp(total)
    return np.clip(scaled + rng.normal(scale=2, size=shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("shape", [(60, 72), (61, 72), (49, 53)])
def test_phase_congruency_is_that_of_piq(shape, monkeypatch):
    """Its FSIM has the same filters and noise, without the weight of narrow spectra."""
    from piq.fsim import _construct_filters, _phase_congruency

    monkeypatch.setattr(phase, "_NARROW", -1e6)  # so wide that every weight is 1
    image = scene(1, shape)
    x = torch.from_numpy(image.T.copy())[None, None].double()  # its x runs along rows
    filters = _construct_filters(x, 4, 6, min_length=3, mult=2.1, sigma_f=0.55)
    expected = _phase_congruency(x, filters, scales=4, orientations=6, k=2.0)[0, 0].numpy().T
    found = phase.phase_congruency(Image(image)).overall
    assert expected.max() > 0.5
    np.testing.assert_allclose(found, expected, atol=2e-4)


def kovesi(image: np.ndarray) -> tuple[np.ndarray, ...]:
    """Moments and congruency by orientation of phasepack, Kovesi's later version in Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import phasepack

        largest, smallest, _, _, by_orientation, *_ = phasepack.phasecong(image, nscale=4)
    return largest, smallest, np.stack(by_orientation)


def test_moments_are_those_of_phasepack():
    largest, smallest, by_orientation = kovesi(scene(2).astype(float))
    found = phase.moments(by_orientation.astype(np.float32))
    np.testing.assert_allclose(found[0], largest, atol=1e-4)
    np.testing.assert_allclose(found[1], smallest, atol=1e-4)


def test_features_lie_where_phasepack_has_them():
    """Other angular filters and another noise estimate: alike, not equal."""
    image = np.full((96, 96), 60, np.uint8)
    radius = np.hypot(*(np.indices(image.shape) - 48))
    image[radius < 25] = 160
    image[:, 80:] = 20
    image = (image + np.random.default_rng(0).normal(scale=1, size=image.shape)).astype(np.uint8)
    largest, _, by_orientation = kovesi(image.astype(float))
    found = phase.phase_congruency(Image(image))
    assert np.corrcoef(found.largest.ravel(), largest.ravel())[0, 1] > 0.9
    assert np.corrcoef(found.overall.ravel(), by_orientation.sum(0).ravel())[0, 1] > 0.85
    edge, inside = np.abs(radius - 25) < 1, radius < 17
    assert found.overall[edge].mean() > 5 * found.overall[inside].mean()


def test_contrast_changes_nothing():
    image = scene(3) // 4 * 2
    one, twice = (phase.phase_congruency(Image(each)) for each in (image, 2 * image))
    for a, b in zip(one, twice, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-3)


def described(fused: np.ndarray, ir: np.ndarray, vis: np.ndarray) -> float:
    """The measure as its description has it, window by window, on our phase congruency."""
    a, b, f = (phase.phase_congruency(Image(image)) for image in (ir, vis, fused))
    larger = a.overall > b.overall
    kept = 1.0
    offsets = np.arange(-5, 6)
    window = np.exp(-(offsets[:, None] ** 2 + offsets**2) / (2 * 1.5**2))
    window /= window.sum()

    def mean(values: np.ndarray) -> np.ndarray:
        return ndimage.correlate(values.astype(float), window, mode="constant")

    for kind in ("overall", "largest", "smallest"):
        own = getattr(f, kind).astype(float)
        best = np.zeros((3, *own.shape))
        combined = np.where(larger, getattr(a, kind), getattr(b, kind))
        strongest = np.where(larger, a.overall, b.overall)
        sources = [(getattr(each, kind), each.overall) for each in (a, b)]
        for index, (values, where) in enumerate([*sources, (combined, strongest)]):
            feature = where > 0.1
            masked = values * feature
            covariance = mean(masked * own) - mean(masked) * mean(own)
            variances = (mean(masked**2) - mean(masked) ** 2) * (mean(own**2) - mean(own) ** 2)
            correlation = (covariance + 1e-4) / (np.sqrt(np.abs(variances)) + 1e-4)
            best[index] = np.where(feature, correlation, 0)
        kept *= best.max(axis=0).sum() / np.count_nonzero(strongest > 0.1)
    return kept


@pytest.mark.parametrize("seed", [0, 5])
def test_the_measure_is_its_description(seed):
    ir, vis, other = (scene(seed + i) for i in range(3))
    fused = (0.5 * ir + 0.3 * vis + 0.2 * other).astype(np.uint8)
    found = evaluate(fused, ir, vis, metrics=["AFM"])["AFM"]
    assert 0.05 < found < 1
    assert found == pytest.approx(described(fused, ir, vis), rel=2e-3)


def test_a_copy_of_all_sources_keeps_most_and_noise_next_to_nothing():
    image = scene(7)
    noise = np.random.default_rng(7).integers(0, 256, image.shape).astype(np.uint8)
    found = [evaluate(each, image, image, metrics=["AFM"])["AFM"] for each in (image, noise)]
    assert found[0] > 0.9
    assert found[1] < 0.15


def test_sources_without_features_give_0():
    flat = np.full((41, 41), 90, np.uint8)
    assert evaluate(scene(0, (41, 41)), flat, flat, metrics=["AFM"]) == {"AFM": 0.0}

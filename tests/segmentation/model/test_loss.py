import math

import numpy as np
import pytest
import segmentation_case as scene
import torch

from pipeline.images.pixels import IGNORED
from segmentation.model.loss import make_terms, median_frequency


def test_median_frequency_by_hand() -> None:
    """Class 1 is in the first image only, class 3 in none.

    Frequencies: 150/200, 20/100, 30/200; their median is 0.2.
    """
    pixels = np.array([[60, 20, 20, 0], [90, 0, 10, 0]])
    expected = [0.2 / 0.75, 1.0, 0.2 / 0.15, 1.0]
    np.testing.assert_allclose(median_frequency(pixels), expected)


def test_weights_are_clipped() -> None:
    weights = median_frequency(np.array([[100000, 1000, 10]]))
    np.testing.assert_allclose(weights, [0.1, 1.0, 10.0])


def test_cross_entropy_by_hand() -> None:
    """Two pixels; softmax of (log 3, 0) is (3/4, 1/4). Weighted mean, as PyTorch defines it."""
    logits = torch.tensor([math.log(3.0), 0.0]).reshape(1, 2, 1, 1).expand(1, 2, 1, 2)
    labels = torch.tensor([[[0, 1]]])
    pixels = np.array([[6, 2]])  # frequencies 3/4, 1/4, median 1/2: weights 2/3, 2
    plain = make_terms(scene.params().segmentation, pixels)(logits, labels)
    assert set(plain) == {"cross_entropy"}
    expected = -(math.log(3 / 4) + math.log(1 / 4)) / 2
    assert plain["cross_entropy"].item() == pytest.approx(expected)
    weighted = make_terms(scene.params(class_weights="median_frequency").segmentation, pixels)
    expected = -(2 / 3 * math.log(3 / 4) + 2 * math.log(1 / 4)) / (2 / 3 + 2)
    assert weighted(logits, labels)["cross_entropy"].item() == pytest.approx(expected)


def test_dice_of_a_perfect_and_a_blind_prediction() -> None:
    terms = make_terms(scene.params(loss="cross_entropy+dice").segmentation, np.ones((1, 2)))
    labels = torch.tensor([[[0, 1], [1, 0]]])
    sure = 50 * (2 * torch.nn.functional.one_hot(labels, 2).permute(0, 3, 1, 2).float() - 1)
    assert terms(sure, labels)["dice"].item() == pytest.approx(0, abs=1e-5)
    # Probability 1/2 everywhere: 2 * 1 / (2 + 2) per class.
    assert terms(0 * sure, labels)["dice"].item() == pytest.approx(0.5, abs=1e-5)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_ignored_pixels_cost_nothing_and_pull_nowhere(smoothing: float) -> None:
    """The loss is that of the other pixels alone, and so is its gradient."""
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(2, 3, 4, 6, generator=generator)
    labels = torch.randint(0, 3, (2, 4, 6), generator=generator)
    chosen = scene.params(
        loss="cross_entropy+dice", label_smoothing=smoothing, class_weights="median_frequency"
    )
    terms = make_terms(chosen.segmentation, np.array([[6, 2, 4]]))
    whole = logits.clone().requires_grad_()
    some = labels.clone()
    some[..., 4:] = IGNORED
    found = terms(whole, some)
    expected = terms(logits[..., :4], labels[..., :4])
    for name, value in expected.items():
        assert found[name].item() == pytest.approx(value.item(), rel=1e-5)
    sum(found.values()).backward()
    assert not whole.grad[..., 4:].any()
    assert whole.grad[..., :4].all()


def test_a_batch_without_a_counted_pixel_costs_nothing() -> None:
    terms = make_terms(scene.params(loss="cross_entropy+dice").segmentation, np.ones((1, 2)))
    logits = torch.randn(1, 2, 3, 3, requires_grad=True)
    found = terms(logits, torch.full((1, 3, 3), IGNORED))
    assert {name: value.item() for name, value in found.items()} == {"cross_entropy": 0, "dice": 0}
    sum(found.values()).backward()
    assert not logits.grad.any()


def test_label_smoothing_raises_the_floor() -> None:
    """With smoothing a, a sure and right prediction of K classes still costs a (K-1)/K margin."""
    terms = make_terms(scene.params(label_smoothing=0.1).segmentation, np.ones((1, 2)))
    logits = torch.tensor([20.0, 0.0]).reshape(1, 2, 1, 1)
    value = terms(logits, torch.zeros(1, 1, 1, dtype=torch.long))["cross_entropy"].item()
    assert value == pytest.approx(0.05 * 20, rel=1e-4)

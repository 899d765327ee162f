"""The bootstrap against cases with a known answer and against a plain loop."""

import numpy as np
import pytest
from torch import from_numpy
from torchmetrics.functional.classification import multiclass_jaccard_index

from pipeline.report.statistics.bootstrap import miou, miou_difference


def _confusions(seed, accuracy, images=30, classes=4, seeds=1):
    """Per-image confusion of predictions that are right with the given probability."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, (images, 200))
    result = np.zeros((seeds, images, classes, classes), np.int64)
    for k in range(seeds):
        wrong = rng.random(truth.shape) > accuracy
        predicted = np.where(wrong, rng.integers(0, classes, truth.shape), truth)
        for i in range(images):
            np.add.at(result[k, i], (truth[i], predicted[i]), 1)
    return result


def test_miou_is_that_of_torchmetrics():
    rng = np.random.default_rng(0)
    truth, predicted = rng.integers(0, 5, (2, 1000))
    confusion = np.zeros((5, 5), np.int64)
    np.add.at(confusion, (truth, predicted), 1)
    expected = multiclass_jaccard_index(from_numpy(predicted), from_numpy(truth), 5).item()
    assert miou(confusion) == pytest.approx(expected)


def test_classes_that_the_truth_has_not_do_not_count():
    confusion = np.zeros((4, 4), np.int64)
    confusion[0, 0], confusion[1, 1], confusion[0, 2] = 6, 3, 2
    assert miou(confusion) == pytest.approx((6 / 8 + 1) / 2)  # 2 is only predicted, 3 nowhere
    assert np.isnan(miou(np.zeros((4, 4))))


def test_an_input_against_itself_differs_by_nothing():
    one = _confusions(0, 0.7)
    found = miou_difference(one, one, draws=200)
    assert (found.difference, found.low, found.high, found.positive) == (0, 0, 0, 0)
    assert found.over_seeds == (0,)


def test_clear_differences_are_found_and_mirrored():
    good, bad = _confusions(0, 0.9, seeds=2), _confusions(0, 0.6, seeds=2)
    found, mirrored = miou_difference(good, bad, draws=500), miou_difference(bad, good, draws=500)
    assert 0 < found.low < found.difference < found.high
    assert found.positive == 1
    assert (mirrored.difference, mirrored.low) == pytest.approx((-found.difference, -found.high))
    assert len(found.over_seeds) == 2
    assert np.mean(found.over_seeds) == pytest.approx(found.difference)


def test_draws_are_those_of_a_plain_loop():
    one, other = _confusions(0, 0.8, images=12), _confusions(1, 0.75, images=12, seeds=3)
    found = miou_difference(one, other, draws=400, seed=3)
    rng = np.random.default_rng(3)
    drawn = []
    for weights in rng.multinomial(12, np.full(12, 1 / 12), size=400):
        index = np.repeat(np.arange(12), weights)
        a, b = (np.mean([miou(x[k, index].sum(0)) for k in range(len(x))]) for x in (one, other))
        drawn.append(a - b)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(drawn, (0.025, 0.975))))
    assert found.positive == pytest.approx(np.mean(np.array(drawn) > 0))


def test_interval_covers_the_truth_about_as_often_as_it_says():
    # The same accuracy twice: the true difference is 0; of 60 intervals about 57 hold it.
    held = 0
    for k in range(60):
        found = miou_difference(
            _confusions(2 * k, 0.8), _confusions(2 * k + 1, 0.8), draws=300, seed=k
        )
        held += found.low <= 0 <= found.high
    assert 50 <= held <= 60


def test_other_images_are_refused():
    with pytest.raises(ValueError, match="no pairs"):
        miou_difference(_confusions(0, 0.8, images=5), _confusions(0, 0.8, images=6))

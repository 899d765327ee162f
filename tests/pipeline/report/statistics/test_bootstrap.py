"""The bootstrap against cases with a known answer and against a plain loop."""

import numpy as np
import pytest
from torch import from_numpy
from torchmetrics.functional.classification import multiclass_jaccard_index

from pipeline.report.statistics.bootstrap import Draws, miou, miou_difference


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
    found = miou_difference(one, one, Draws(30, count=200))
    assert (found.difference, found.low, found.high, found.positive) == (0, 0, 0, 0)
    assert found.over_seeds == (0,)


def test_clear_differences_are_found_and_mirrored():
    good, bad = _confusions(0, 0.9, seeds=2), _confusions(0, 0.6, seeds=2)
    draws = Draws(30, count=500)
    found, mirrored = miou_difference(good, bad, draws), miou_difference(bad, good, draws)
    assert 0 < found.low < found.difference < found.high
    assert found.positive == 1
    assert (mirrored.difference, mirrored.low) == pytest.approx((-found.difference, -found.high))
    assert len(found.over_seeds) == 2
    assert np.mean(found.over_seeds) == pytest.approx(found.difference)


def _looped(one, other, draws):
    """Both drawn differences of `draws`, image by image and seed by seed."""
    images, drawn = draws.of_images().astype(int), []
    for k, times in enumerate(images):
        index = np.repeat(np.arange(len(times)), times)
        both = []
        for confusion in (one, other):
            each = [miou(confusion[seed, index].sum(0)) for seed in range(len(confusion))]
            both.append(np.dot(draws.of_seeds(len(confusion))[k], each))
        drawn.append(both[0] - both[1])
    return np.array(drawn)


def test_draws_are_those_of_a_plain_loop():
    one, other = _confusions(0, 0.8, images=12), _confusions(1, 0.75, images=12, seeds=3)
    draws = Draws(12, count=700, seed=3)
    found, drawn = miou_difference(one, other, draws), _looped(one, other, draws)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(drawn, (0.025, 0.975))))
    assert found.positive == pytest.approx(np.mean(drawn > 0))


def test_images_of_a_cluster_are_drawn_together():
    clusters = np.array([0, 1, 1, 2, 0, 3])
    drawn = Draws(6, clusters, count=300).of_images()
    assert (drawn[:, 0] == drawn[:, 4]).all() and (drawn[:, 1] == drawn[:, 2]).all()
    assert not (drawn[:, 0] == drawn[:, 1]).all()
    assert (drawn[:, [0, 1, 3, 5]].sum(axis=1) == 4).all()  # as many clusters as there are
    assert (Draws(6, count=50).of_images().sum(axis=1) == 6).all()


def test_copies_of_images_do_not_narrow_the_interval():
    """Each image four times over is no more evidence: by cluster the draws are those of one."""
    one, other = _confusions(0, 0.8, images=20), _confusions(1, 0.75, images=20)
    found = miou_difference(one, other, Draws(20, count=400))
    fourfold = [np.repeat(part, 4, axis=1) for part in (one, other)]
    clustered = miou_difference(*fourfold, Draws(80, np.repeat(np.arange(20), 4), count=400))
    assert (clustered.low, clustered.high) == pytest.approx((found.low, found.high))
    ignored = miou_difference(*fourfold, Draws(80, count=400))
    assert ignored.high - ignored.low < 0.7 * (found.high - found.low)


@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_the_spread_of_drawn_seeds_is_that_of_their_mean(seeds):
    """Variance of the mean of s values: their sample variance by s."""
    values = np.random.default_rng(0).normal(0, 1, seeds)
    drawn = Draws(1, count=40_000).of_seeds(seeds) @ values
    assert drawn.mean() == pytest.approx(values.mean(), abs=0.02)
    assert drawn.var() == pytest.approx(values.var(ddof=1) / seeds, rel=0.05)


def test_seeds_widen_the_interval_and_one_alone_does_not():
    """Images without any spread leave that of the seeds, which both inputs share."""
    one = np.repeat(_confusions(0, 0.8, images=1, seeds=3), 8, axis=1)
    other = np.repeat(_confusions(1, 0.8, images=1), 8, axis=1)
    found = miou_difference(one, other, Draws(8, count=2000))
    assert found.low < found.difference < found.high
    alone = miou_difference(one[:1], other, Draws(8, count=200))
    assert alone.low == pytest.approx(alone.high)
    same = miou_difference(one, one[:, ::-1], Draws(8, count=200))
    assert (same.low, same.high) == pytest.approx((0, 0))


def test_interval_covers_the_truth_about_as_often_as_it_says():
    # The same accuracy twice: the true difference is 0; of 60 intervals about 57 hold it.
    held = 0
    for k in range(60):
        found = miou_difference(
            _confusions(2 * k, 0.8), _confusions(2 * k + 1, 0.8), Draws(30, count=300, seed=k)
        )
        held += found.low <= 0 <= found.high
    assert 50 <= held <= 60


def test_other_images_are_refused():
    with pytest.raises(ValueError, match="no pairs"):
        miou_difference(_confusions(0, 0.8, images=5), _confusions(0, 0.8, images=6))

"""Rank correlations against SciPy and a plain loop, and in cases with a known answer."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pipeline.report.collected import Segmented
from pipeline.report.statistics.bootstrap import Draws
from pipeline.report.statistics.judges import Judge
from pipeline.report.statistics.prediction import predict, spearman
from pipeline.results.iou import iou, miou

CLASSES = ["road", "car", "person"]
IMAGES = 25
NAMES = [f"i{k}" for k in range(IMAGES)]


def confusion(hits, rng, seeds=2):
    """(s,n,3,3) of images with all classes, of which about the share `hits` (n,) is right."""
    result = np.zeros((seeds, IMAGES, 3, 3), np.int64)
    for k in range(seeds):
        for i in range(IMAGES):
            truth = rng.integers(0, 3, 300)
            wrong = rng.random(300) > hits[i]
            predicted = np.where(wrong, rng.integers(0, 3, 300), truth)
            np.add.at(result[k, i], (truth, predicted), 1)
    return result


@pytest.fixture
def case():
    """Four methods, better in turn, and metrics that know it (GOOD), turn it (MSE) or do not."""
    rng = np.random.default_rng(0)
    frames, segmented = {}, {}
    for place, name in enumerate(("ir", "a", "b", "c", "d")):
        image = rng.random(IMAGES) * 0.4 + 0.1 * place
        counts = confusion(0.2 + 0.6 * image, rng)
        segmented[name] = Segmented({"per_seed": {}}, NAMES, counts)
        frame = {"name": NAMES, "GOOD": image, "MSE": image, "NOISE": rng.random(IMAGES)}
        # The order of rows is no order of images.
        frames[name] = pd.DataFrame(frame).sample(frac=1, random_state=place)
    return frames, Judge("unet", "", {}, segmented, {})


def test_rho_is_scipys():
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(2, 40, 9)).round(1)
    expected = [stats.spearmanr(a, b).statistic for a, b in zip(one, other, strict=True)]
    assert spearman(one, other) == pytest.approx(np.array(expected))
    assert np.isnan(spearman(np.ones(4), np.arange(4.0)))


def test_a_metric_that_knows_is_found_and_one_of_which_less_is_better_is_turned(case):
    frames, judge = case
    found = predict(frames, judge, CLASSES, Draws(IMAGES, count=200))
    assert found.methods == 4
    assert found.over_methods["GOOD"]["miou"].rho == 1
    assert found.over_methods["MSE"]["miou"].rho == -1
    assert found.over_images["GOOD"].low > 0.3 > 0 > found.over_images["MSE"].high
    assert found.over_images["NOISE"].low < 0 < found.over_images["NOISE"].high
    assert set(found.over_methods["GOOD"]) == {"miou", *CLASSES}


def test_what_was_measured_is_a_plain_computation(case):
    frames, judge = case
    found = predict(frames, judge, CLASSES, Draws(IMAGES, count=10))
    methods = ["a", "b", "c", "d"]
    means = [frames[m]["NOISE"].mean() for m in methods]
    total = [judge.segmented[m].confusion.sum(axis=1) for m in methods]
    of_car = [iou(one).mean(axis=0)[1] for one in total]
    expected = stats.spearmanr(means, of_car).statistic
    assert found.over_methods["NOISE"]["car"].rho == pytest.approx(expected)
    each = []
    for m in methods:
        of_images = miou(judge.segmented[m].confusion).mean(axis=0)
        by_name = frames[m].set_index("name").loc[NAMES, "NOISE"]
        each.append(stats.spearmanr(by_name, of_images).statistic)
    assert found.over_images["NOISE"].rho == pytest.approx(np.mean(each))


def test_a_class_that_is_absent_has_no_correlation(case):
    frames, judge = case
    for one in judge.segmented.values():
        one.confusion[:, :, 2, :] = 0
    found = predict(frames, judge, CLASSES, Draws(IMAGES, count=10))
    assert np.isnan(found.over_methods["GOOD"]["person"].rho)
    assert found.over_methods["GOOD"]["miou"].rho == 1


def test_two_methods_are_too_few(case):
    frames, judge = case
    del judge.segmented["c"], judge.segmented["d"]
    assert predict(frames, judge, CLASSES, Draws(IMAGES, count=10)) is None

import numpy as np
import pytest
import torch
from torchmetrics.classification import MulticlassConfusionMatrix, MulticlassJaccardIndex

from pipeline.images.pixels import IGNORED
from pipeline.results.iou import (
    confusion_matrix,
    iou,
    miou,
    over_seeds,
    pixel_accuracy,
    scores,
    without_nan,
)


def label_maps(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Five truths and predictions of nine classes that agree in about half of the pixels."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 9, (5, 20, 30), dtype=np.uint8)
    guess = rng.integers(0, 9, truth.shape, dtype=np.uint8)
    return truth, np.where(rng.random(truth.shape) < 0.5, truth, guess)


def test_confusion_is_that_of_torchmetrics() -> None:
    truth, predicted = label_maps()
    ours = sum(confusion_matrix(t, p, 9) for t, p in zip(truth, predicted, strict=True))
    theirs = MulticlassConfusionMatrix(9)(torch.tensor(predicted), torch.tensor(truth))
    assert np.array_equal(ours, theirs.numpy())


def test_ignored_pixels_are_those_that_torchmetrics_ignores() -> None:
    truth, predicted = label_maps(3)
    truth[:, :4] = IGNORED
    ours = sum(confusion_matrix(t, p, 9) for t, p in zip(truth, predicted, strict=True))
    theirs = MulticlassConfusionMatrix(9, ignore_index=IGNORED)
    assert np.array_equal(ours, theirs(torch.tensor(predicted), torch.tensor(truth)).numpy())
    assert ours.sum() == truth[:, 4:].size


def test_iou_over_all_images_is_that_of_torchmetrics() -> None:
    truth, predicted = label_maps(1)
    confusion = sum(confusion_matrix(t, p, 9) for t, p in zip(truth, predicted, strict=True))
    theirs = MulticlassJaccardIndex(9, average="none")
    for t, p in zip(truth, predicted, strict=True):
        theirs.update(torch.tensor(p)[None], torch.tensor(t)[None])
    np.testing.assert_allclose(iou(confusion), theirs.compute().numpy(), rtol=1e-6)


def test_by_hand() -> None:
    truth = np.array([[0, 0, 0, 1], [1, 1, 2, 2]], np.uint8)
    predicted = np.array([[0, 0, 1, 1], [1, 0, 2, 0]], np.uint8)
    confusion = confusion_matrix(truth, predicted, 3)
    assert confusion.tolist() == [[2, 1, 0], [1, 2, 0], [1, 0, 1]]
    assert iou(confusion).tolist() == [2 / 5, 2 / 4, 1 / 2]
    assert pixel_accuracy(confusion) == 5 / 8


def test_a_class_without_truth_does_not_count_whatever_is_predicted() -> None:
    """One pixel taken for a car where no image has one: it is an error of the road alone."""
    truth = np.zeros((2, 2), np.uint8)
    predicted = np.array([[0, 0], [0, 1]], np.uint8)
    result = scores(confusion_matrix(truth, predicted, 3), ("road", "car", "person"))
    assert without_nan(result) == {
        "miou": 3 / 4,
        "pixel_accuracy": 3 / 4,
        "iou": {"road": 3 / 4, "car": None, "person": None},
    }


def test_one_stray_pixel_costs_one_pixel() -> None:
    """Three true classes; a fourth one is predicted in one pixel of a thousand."""
    truth = np.repeat([0, 1, 2], (400, 300, 300)).astype(np.uint8).reshape(20, 50)
    predicted = truth.copy()
    predicted.flat[:200] = 1
    before = miou(confusion_matrix(truth, predicted, 4))
    predicted.flat[999] = 3
    after = miou(confusion_matrix(truth, predicted, 4))
    assert before == pytest.approx((200 / 400 + 300 / 500 + 1) / 3)
    assert after == pytest.approx((200 / 400 + 300 / 500 + 299 / 300) / 3)


def test_many_matrices_at_once_are_each_by_itself() -> None:
    truth, predicted = label_maps(2)
    each = np.stack([confusion_matrix(t, p, 9) for t, p in zip(truth, predicted, strict=True)])
    each[2, 3] = 0  # a draw without class 3 in its truth
    assert miou(each).tolist() == [float(miou(one)) for one in each]
    assert np.isnan(iou(each)[2, 3]) and not np.isnan(iou(each)[1, 3])


def test_no_pixels_no_score() -> None:
    nothing = scores(np.zeros((2, 2), np.int64), ("road", "car"))
    assert without_nan(nothing) == {
        "miou": None, "pixel_accuracy": None, "iou": {"road": None, "car": None},
    }  # fmt: skip


def test_mean_and_deviation_over_seeds() -> None:
    nan = float("nan")
    seeds = [{"miou": 0.5, "iou": {"car": 0.2, "bump": nan}},
             {"miou": 0.7, "iou": {"car": 0.4, "bump": 0.6}}]  # fmt: skip
    mean, std = over_seeds(seeds)
    assert mean["miou"] == pytest.approx(0.6)
    assert mean["iou"] == pytest.approx({"car": 0.3, "bump": 0.6})
    # Sample deviation of two values is their distance over the root of two.
    assert std["miou"] == pytest.approx(0.2 / 2**0.5)
    assert std["iou"]["car"] == pytest.approx(0.2 / 2**0.5)
    assert np.isnan(std["iou"]["bump"])

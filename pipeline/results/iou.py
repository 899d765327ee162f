"""Intersection over union from confusion matrices: the one home of IoU and mIoU.

IoU of class c is TP / (TP + FP + FN) with counts summed over all images, as in the papers of
this field; the mean of each image's IoU is something else.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.images.pixels import IGNORED, Uint8

Confusion = NDArray[np.int64]
"""(..., C, C) pixel counts: rows are the truth, columns the prediction."""


def confusion_matrix(truth: Uint8, predicted: Uint8, classes: int) -> Confusion:
    """Confusion matrix (C,C) of one image's label maps (H,W), values below `classes`.

    Pixels whose truth is `IGNORED` count nowhere, whatever is predicted there.
    """
    counts = truth != IGNORED
    pairs = truth[counts].astype(np.int64) * classes + predicted[counts]
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)


def iou(confusion: NDArray[np.number]) -> NDArray[np.float64]:
    """IoU per class.

    Args:
        confusion: (..., C, C) counts.

    Returns:
        (..., C) in [0,1]; NaN for a class that the truth does not have. Whatever a network takes
        for it, no input can score there, and the classes that count are the same for all inputs.
    """
    hits = np.diagonal(confusion, axis1=-2, axis2=-1).astype(np.float64)
    truth = confusion.sum(axis=-1)
    union = confusion.sum(axis=-2) + truth - hits
    return np.divide(hits, union, out=np.full_like(hits, np.nan), where=truth > 0)


def miou(confusion: NDArray[np.number]) -> NDArray[np.float64]:
    """Mean IoU: (..., C, C) to (...), over the classes that the truth has; NaN without any."""
    each = iou(confusion)
    seen = ~np.isnan(each)
    with np.errstate(invalid="ignore"):
        mean: NDArray[np.float64] = np.where(seen, each, 0).sum(-1) / seen.sum(-1)
    return mean


def pixel_accuracy(confusion: Confusion) -> float:
    """Share of pixels with the right class of a (C,C) matrix, in [0,1]; NaN without pixels."""
    total = confusion.sum()
    return float(np.trace(confusion) / total) if total else float("nan")


def scores(confusion: Confusion, classes: tuple[str, ...]) -> dict[str, Any]:
    """Scores of a (C,C) confusion matrix.

    Returns:
        `miou` (mean IoU over the classes that the truth has), `pixel_accuracy`, and
        `iou` by class; fractions in [0,1], NaN for what cannot be said.
    """
    return {
        "miou": float(miou(confusion)),
        "pixel_accuracy": pixel_accuracy(confusion),
        "iou": dict(zip(classes, iou(confusion).tolist(), strict=True)),
    }


def _mean(values: NDArray[np.float64]) -> float:
    """Mean of those that are not NaN, NaN if none is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def _spread(values: NDArray[np.float64]) -> float:
    """Sample standard deviation of those that are not NaN; NaN for fewer than two."""
    known = values[~np.isnan(values)]
    return float(known.std(ddof=1)) if known.size > 1 else float("nan")


def over_seeds(per_seed: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Mean and sample standard deviation of nested scores over the seeds.

    A class absent with some seeds counts over the others; the deviation of one value is NaN.
    """
    mean: dict[str, Any] = {}
    std: dict[str, Any] = {}
    for key, first in per_seed[0].items():
        values = [one[key] for one in per_seed]
        if isinstance(first, dict):
            mean[key], std[key] = over_seeds(values)
        else:
            numbers = np.array(values, dtype=np.float64)
            mean[key], std[key] = _mean(numbers), _spread(numbers)
    return mean, std


def without_nan(content: Any) -> Any:
    """The same nested dicts with None for NaN, which JSON lacks."""
    if isinstance(content, dict):
        return {key: without_nan(value) for key, value in content.items()}
    return None if isinstance(content, float) and np.isnan(content) else content

"""What the segmentation adds to the gallery: label, predictions, and their scores on an image."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.report.collected import Results
from pipeline.report.page import encode, gallery
from pipeline.report.page.gallery import Item, Layer
from pipeline.results.iou import miou, pixel_accuracy


def layers(results: Results) -> list[Layer]:
    """Those of `gallery.layers`, then the label and the predictions."""
    found = gallery.layers([results.test_pairs])
    if results.has_labels:
        found.append({"key": "label", "title": "Label", "group": "Segmentation"})
    return found + [
        {"key": f"prediction-{one}", "title": f"Prediction from {one}", "group": "Segmentation"}
        for one in results.segmented
    ]


def image_scores(confusion: NDArray[np.int64]) -> tuple[float | None, float | None]:
    """Percent mIoU over the classes in an image's truth, and its pixel accuracy.

    Args:
        confusion: (C, C) counts, rows truth.

    Returns:
        None for both where the image has no labelled pixel.
    """
    if not confusion.any():
        return None, None
    return float(100 * miou(confusion)), 100 * pixel_accuracy(confusion)


def _scores(results: Results, name: str) -> list[dict[str, Any]]:
    """Scores of the shown predictions, those of the first seed, on one image."""
    rows = []
    for one, segmented in results.segmented.items():
        if name in segmented.names:
            counts = segmented.confusion[0, segmented.names.index(name)]
            miou, accuracy = image_scores(counts)
            rows.append({"input": one, "miou": miou, "accuracy": accuracy})
    return rows


def _maps(results: Results, name: str) -> dict[str, str]:
    """Label and predictions of one image as data URIs, by the layer's key."""
    if not results.has_labels:
        return {}
    truth = results.label(name)
    found = {"label": truth}
    found |= {f"prediction-{one}": results.predicted(one, name, truth) for one in results.segmented}
    return {key: encode.label_map(one, results.colours) for key, one in found.items()}


def _items(results: Results, disagreement: dict[str, float]) -> Iterator[Item]:
    unit = "% differ" if results.segmented else "gray levels"
    pairs = results.test_pairs
    day_night = dict(zip(results.test["name"], results.test["day_night"], strict=True))
    for name in sorted(disagreement, key=lambda one: (-disagreement[one], one)):
        item = gallery.item(pairs, name, day_night[name], disagreement[name], unit)
        item["layers"] |= _maps(results, name)
        yield item | {"scores": _scores(results, name)}


def items(
    results: Results, disagreement: dict[str, float], budget: int = gallery.BUDGET
) -> list[Item]:
    """Test images in falling order of disagreement, until their encoded size reaches `budget`."""
    return gallery.fit(_items(results, disagreement), budget)


def legend(results: Results) -> list[tuple[str, str]]:
    """Classes and their colours, and that of ignored pixels; empty where nothing is labelled."""
    if not results.has_labels:
        return []
    named = [
        (name, f"rgb({r} {g} {b})")
        for name, (r, g, b) in zip(results.classes, results.colours, strict=True)
    ]
    return named + ([("ignored", "rgb(255 255 255)")] if results.params.data.ignores else [])

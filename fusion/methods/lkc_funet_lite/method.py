"""LKC-FUNet lite as a fusion method: the network on luminance, the chroma of VIS kept."""

from typing import Annotated

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt
from torch import Tensor

from fusion.methods.base.color import luminance, rgb_to_ycbcr, ycbcr_to_rgb
from fusion.methods.base.learned import Learned, full_precision
from fusion.methods.base.registry import register
from fusion.methods.lkc_funet_lite.loss import LiteWeights, lite_losses
from fusion.methods.lkc_funet_lite.network import LiteNetwork

Factor = Annotated[float, Field(ge=1)]


class LKCFUNetLite(Learned):
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

    def forward(self, ir: Tensor, vis: Tensor) -> Tensor:
        """Fuse (N,1,H,W) `ir` and (N,3,H,W) `vis` in [0,1] to (N,3,H,W) in [0,1]."""
        y, cbcr = rgb_to_ycbcr(vis)
        return ycbcr_to_rgb(self.network(y, ir).clamp(0, 1), cbcr)

    def losses(self, ir: Tensor, vis: Tensor) -> dict[str, Tensor]:
        """See `Learned.losses` and `fusion.methods.lkc_funet_lite.loss`."""
        y = luminance(vis)
        fused = self.network(y, ir)
        with full_precision(fused):
            return lite_losses(fused.float(), y, ir, self.weights)


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

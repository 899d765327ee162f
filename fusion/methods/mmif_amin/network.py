"""MMIF-AMIN: two invertible branches, one joint branch, a 1×1 reconstruction."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fusion.methods.base.learned import LearnedOnLuminance
from fusion.methods.mmif_amin.invertible import InvertibleDenseNetwork
from fusion.methods.mmif_amin.loss import Weights, adaptive_loss
from fusion.methods.mmif_amin.mcfem import MCFEM
from pipeline.stage.errors import UserError

IDN_CHANNELS, IDN_GROWTH = 2, 3
MCFEM_CHANNELS, MCFEM_FEATURES, MCFEM_MLP = 24, 8, 96
"""Widths, which the paper does not give.

Each IDN sees half a coupling of 2 channels and grows by 3; 24 channels are a multiple of the 8
heads; the MLP is 4 times as wide, as is usual. They give 78.05 K parameters and 7.65 GFLOPs at
256×256 with a multiply-add as two, 3.82 with it as one. The paper prints 76.47 K and 7.37 G and
explains neither unit, so how near the two are cannot be told.
"""


class MmifAmin(LearnedOnLuminance):
    """The network; the widths it does not take are the constants above.

    Starts as the average of the two luminances: fresh invertible branches are the identity, and
    the reconstruction starts at their mean, scaled so that HardSigmoid, x/6 + ½, leaves it
    unchanged. Adam's small steps then refine an image instead of first finding one.

    Args:
        blocks: IDB in each of the two IDN.
        units: TMU in the MCFEM.
        kernels: sizes of its convolutions, odd, see `MCFEM`.
        cbam: attention on the concatenated luminances.
        mcfem: False leaves out the joint branch.
        alpha: fixed weights of the first and the second source in the SSIM term; None is adaptive.
        beta: fixed weights in the RMI term; None is adaptive.
        normalise: divide adaptive weights by their sum, see `adaptive_loss`.

    Raises:
        UserError: no kernels, or even ones.
    """

    def __init__(
        self,
        blocks: int = 6,
        units: int = 3,
        kernels: Sequence[int] = (3, 5, 7),
        cbam: bool = True,
        mcfem: bool = True,
        alpha: Weights | None = None,
        beta: Weights | None = None,
        normalise: bool = False,
    ) -> None:
        super().__init__()
        if not kernels or not all(k % 2 for k in kernels):
            raise UserError(f"mmif_amin: kernels {list(kernels)}; allowed are odd sizes")
        self.alpha, self.beta, self.normalise = alpha, beta, normalise
        self.first = InvertibleDenseNetwork(blocks, IDN_CHANNELS, IDN_GROWTH)
        self.second = InvertibleDenseNetwork(blocks, IDN_CHANNELS, IDN_GROWTH)
        self.joint = (
            MCFEM(MCFEM_CHANNELS, MCFEM_FEATURES, units, kernels, MCFEM_MLP, cbam)
            if mcfem
            else None
        )
        own = self.first.features + self.second.features
        self.reconstruction = nn.Conv2d(own + (MCFEM_FEATURES if mcfem else 0), 1, 1)
        with torch.no_grad():
            self.reconstruction.weight.zero_()
            self.reconstruction.weight[:, :own] = 6 / own
            self.reconstruction.bias.fill_(-3)  # type: ignore[union-attr]

    def fuse_luminance(self, ir: Tensor, y: Tensor) -> Tensor:
        """See `LearnedOnLuminance`; `ir` is the gray modality, infrared or MRI. In [0,1]."""
        features = [self.first(ir), self.second(y)]
        if self.joint is not None:
            features.append(self.joint(torch.cat((ir, y), dim=1)))
        return F.hardsigmoid(self.reconstruction(torch.cat(features, dim=1)))

    def terms(self, fused: Tensor, ir: Tensor, y: Tensor) -> dict[str, Tensor]:
        """See `fusion.methods.mmif_amin.loss`."""
        return adaptive_loss(ir, y, fused, self.alpha, self.beta, self.normalise)

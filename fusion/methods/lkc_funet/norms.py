"""The normalisations that the paper compares (Table 2)."""

from typing import Literal

import torch
from torch import Tensor, nn

from fusion.methods.lkc_funet.group_norm import GroupNorm

NormKind = Literal["batch", "none", "layer", "bcn", "instance", "group"]


class BatchChannelNorm(nn.Module):
    """BCN: a learnt mix of batch and layer normalisation in each channel.

    y = γ·(ι·BN(x) + (1 − ι)·LN(x)) + β, where BN takes its statistics over (N,H,W), LN over
    (C,H,W), neither with weights of its own, and ι, γ, β have one value a channel. ι starts at 1.

    A. Khaled et al., "BCN: Batch channel normalization for image classification", ICPR 2024,
    arXiv 2312.00596.

    Args:
        channels: C of the (N,C,H,W) input; the output has its shape.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.batch = nn.BatchNorm2d(channels, affine=False)
        self.layer = nn.GroupNorm(1, channels, affine=False)
        self.mix = nn.Parameter(torch.ones(channels, 1, 1))
        self.weight = nn.Parameter(torch.ones(channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise (N,C,H,W)."""
        mixed = self.mix * self.batch(x) + (1 - self.mix) * self.layer(x)
        return self.weight * mixed + self.bias


def make_norm(kind: NormKind, channels: int, groups: int, overwrite: bool = False) -> nn.Module:
    """The layer that normalises (N,`channels`,H,W).

    Args:
        kind: `layer` takes its statistics over (C,H,W), as the authors do; `instance` has affine
            weights and no running statistics.
        channels: C.
        groups: of `group`; must divide `channels`. The other kinds ignore it.
        overwrite: see `GroupNorm`.
    """
    match kind:
        case "batch":
            return nn.BatchNorm2d(channels)
        case "none":
            return nn.Identity()
        case "layer":
            return GroupNorm(1, channels, overwrite)
        case "bcn":
            return BatchChannelNorm(channels)
        case "instance":
            # One group a channel is instance norm, and unlike torch's it also trains on 1×1 maps.
            return GroupNorm(channels, channels, overwrite)
        case "group":
            return GroupNorm(groups, channels, overwrite)

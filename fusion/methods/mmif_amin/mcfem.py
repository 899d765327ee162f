"""Multi-scale Complementary Feature Extraction Module: what the two modalities have together.

CBAM, a leading convolution, units of multi-scale convolution and Transformer (TMU), a trailing
convolution.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

HEADS = 8
"""Heads of the self-attention, as in the paper."""

PATCH = 8
"""Side of the square of pixels that is one token of the self-attention, pixels."""


class CBAM(nn.Module):
    """Convolutional Block Attention Module (Woo et al., ECCV 2018): channels, then places.

    Args:
        channels: of input and output.
        hidden: units of the channel attention. Its authors reduce the channels by 16, but two
            luminances leave nothing to reduce, and a single ReLU may never fire.
    """

    def __init__(self, channels: int, hidden: int = 8) -> None:
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Conv2d(channels, hidden, 1), nn.ReLU(), nn.Conv2d(hidden, channels, 1)
        )
        self.place = nn.Conv2d(2, 1, 7, padding=3)

    def forward(self, x: Tensor) -> Tensor:
        """Weigh (N,channels,H,W) by two maps with values in (0,1)."""
        mean, peak = x.mean((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)
        x = x * torch.sigmoid(self.mlp(mean) + self.mlp(peak))
        summary = torch.cat((x.mean(1, keepdim=True), x.amax(1, keepdim=True)), dim=1)
        return x * torch.sigmoid(self.place(summary))


class MultiScaleConvolution(nn.Module):
    """Each share of the channels under its own kernel size, then mixed by a 1×1 convolution."""

    def __init__(self, channels: int, kernels: Sequence[int]) -> None:
        super().__init__()
        share = channels // len(kernels)
        self.branches = nn.ModuleList(nn.Conv2d(share, share, k, padding=k // 2) for k in kernels)
        self.activation = nn.LeakyReLU(0.2)
        self.mix = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(N,channels,H,W) to the same shape, residual."""
        shares = x.chunk(len(self.branches), dim=1)
        seen = [branch(share) for branch, share in zip(self.branches, shares, strict=True)]
        return x + self.mix(self.activation(torch.cat(seen, dim=1)))


class TransformerMultiScaleUnit(nn.Module):
    """TMU: multi-scale convolution, then LN–MSA–LN–MLP over tokens of 8×8 pixels.

    Attention among all 65,536 pixels of a 256×256 image is out of reach, so the tokens are means
    of 8×8 patches, attention among them is global, and what it adds to each token is added,
    interpolated, to the pixels.
    """

    def __init__(self, channels: int, kernels: Sequence[int], mlp: int) -> None:
        super().__init__()
        self.convolution = MultiScaleConvolution(channels, kernels)
        # batch_first=False: PyTorch's fused path for the other order holds all the attention
        # weights at once, which at 640×480 is most of a gigabyte.
        self.transformer = nn.TransformerEncoderLayer(
            channels, HEADS, mlp, dropout=0.0, activation="gelu", batch_first=False, norm_first=True
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N,channels,H,W) to the same shape, any H and W."""
        x = self.convolution(x)
        height, width = x.shape[-2:]
        grid = (-(-height // PATCH), -(-width // PATCH))
        patches = F.adaptive_avg_pool2d(x, grid)
        tokens = patches.flatten(2).permute(2, 0, 1)
        change = self.transformer(tokens) - tokens
        change = change.permute(1, 2, 0).unflatten(2, grid)
        return x + F.interpolate(change, (height, width), mode="bilinear", align_corners=False)


class MCFEM(nn.Module):
    """The module.

    Args:
        channels: of the units; a multiple of 8 heads and of the number of kernels.
        features: channels of the output.
        units: how many TMU.
        kernels: sizes of the multi-scale convolutions, odd.
        mlp: width of the Transformers' hidden layer.
        cbam: attention before the leading convolution; False is an ablation.
    """

    def __init__(
        self,
        channels: int,
        features: int,
        units: int,
        kernels: Sequence[int],
        mlp: int,
        cbam: bool,
    ) -> None:
        super().__init__()
        self.cbam = CBAM(2) if cbam else nn.Identity()
        self.lead = nn.Conv2d(2, channels, 3, padding=1)
        self.units = nn.Sequential(
            *(TransformerMultiScaleUnit(channels, kernels, mlp) for _ in range(units))
        )
        self.trail = nn.Conv2d(channels, features, 3, padding=1)

    def forward(self, luminances: Tensor) -> Tensor:
        """(N,2,H,W) luminances in [0,1] to (N,features,H,W)."""
        return self.trail(self.units(self.lead(self.cbam(luminances))))

"""Multi-scale Complementary Feature Extraction Module: what the two modalities have together.

CBAM, convolutions of several sizes side by side, then the Transformer block (TMB): a convolution,
Transformer units (TMU) one after the other, a convolution.
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
    """The input under each kernel size, side by side.

    Args:
        channels: of the input.
        out: channels of each branch.
        kernels: sizes, odd.
    """

    def __init__(self, channels: int, out: int, kernels: Sequence[int]) -> None:
        super().__init__()
        self.branches = nn.ModuleList(nn.Conv2d(channels, out, k, padding=k // 2) for k in kernels)
        self.activation = nn.LeakyReLU(0.2)

    def forward(self, x: Tensor) -> Tensor:
        """(N,channels,H,W) to (N,len(kernels)·out,H,W)."""
        return self.activation(torch.cat([branch(x) for branch in self.branches], dim=1))


class TransformerUnit(nn.Module):
    """TMU, equation (7): X + MSAM(LN X) + MLP(LN(X + MSAM(LN X))) over tokens of 8×8 pixels.

    Attention among all 65,536 pixels of a 256×256 image is out of reach, so the tokens are means
    of 8×8 patches, attention among them is global, and what it adds to each token is added,
    interpolated, to the pixels. The paper does not give its tokens.
    """

    def __init__(self, channels: int, mlp: int) -> None:
        super().__init__()
        # batch_first=False: PyTorch's fused path for the other order holds all the attention
        # weights at once, which at 640×480 is most of a gigabyte.
        self.transformer = nn.TransformerEncoderLayer(
            channels, HEADS, mlp, dropout=0.0, activation="gelu", batch_first=False, norm_first=True
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N,channels,H,W) to the same shape, any H and W."""
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
        channels: of each branch and of the units; a multiple of the 8 heads.
        features: channels of the output.
        units: how many TMU.
        kernels: sizes of the branches, odd. The convolutions before and after the units take the
            smallest, so that equal sizes are those of the whole module.
        mlp: width of the units' hidden layer.
        cbam: attention on the input; False is an ablation.
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
        side = min(kernels)
        self.cbam = CBAM(2) if cbam else nn.Identity()
        self.scales = MultiScaleConvolution(2, channels, kernels)
        self.lead = nn.Conv2d(len(kernels) * channels, channels, side, padding=side // 2)
        self.units = nn.Sequential(*(TransformerUnit(channels, mlp) for _ in range(units)))
        self.trail = nn.Conv2d(channels, features, side, padding=side // 2)

    def forward(self, luminances: Tensor) -> Tensor:
        """(N,2,H,W) luminances in [0,1] to (N,features,H,W)."""
        return self.trail(self.units(self.lead(self.scales(self.cbam(luminances)))))

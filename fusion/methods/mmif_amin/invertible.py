"""The Invertible Dense Network (IDN): features from which the image can be computed back."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CLAMP = 2.0
"""Bound of the logarithm of a coupling's scale: exp(-2) <= S <= exp(2)."""


class DenseNet(nn.Module):
    """Five 3×3 convolutions, each seeing all earlier outputs, LeakyReLU between them.

    The last one starts at 0, so that a fresh coupling block is the identity and deep stacks
    of them neither blow up nor fade.

    Args:
        channels: of input and output.
        growth: new channels of each of the first four convolutions.
    """

    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(
            nn.Conv2d(channels + i * growth, growth if i < 4 else channels, 3, padding=1)
            for i in range(5)
        )
        self.activation = nn.LeakyReLU(0.2)
        last = self.convolutions[-1]
        nn.init.zeros_(last.weight)  # type: ignore[arg-type]
        nn.init.zeros_(last.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        """(N,channels,H,W) to the same shape.

        Each output is convolved once, by the kernels of all that see it; their sums are those
        over concatenated outputs, in half the time: nothing is copied, and few convolutions of
        many kernels are faster than many of few.
        """
        convolutions: list[nn.Conv2d] = list(self.convolutions)  # type: ignore[arg-type]
        sums = torch.cat([one.bias for one in convolutions])[:, None, None]  # type: ignore[misc]
        own, seen = x, 0
        for i, convolution in enumerate(convolutions):
            output = own if i == 0 else self.activation(own)
            end = seen + output.shape[1]
            kernels = torch.cat([one.weight[:, seen:end] for one in convolutions[i:]])
            sums = sums + F.conv2d(output, kernels, padding=1)
            own, sums = sums.tensor_split([convolution.out_channels], dim=1)
            seen = end
        return own


class InvertibleDenseBlock(nn.Module):
    """Affine coupling (IDB): each half of the channels is changed by what the other half says.

    y1 = x1 + φ(x2),  y2 = x2 ⊙ S(y1) + η(y1),  S = exp(clamp · 2 · (sigmoid(ρ(y1)) − 0.5))

    with three dense networks φ, ρ, η. S is never 0, so both halves can be computed back
    without inverting a dense network.
    """

    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        self.phi = DenseNet(channels, growth)
        self.rho = DenseNet(channels, growth)
        self.eta = DenseNet(channels, growth)

    def _scale(self, y1: Tensor) -> Tensor:
        return torch.exp(CLAMP * 2 * (torch.sigmoid(self.rho(y1)) - 0.5))

    def forward(self, x: Tensor) -> Tensor:
        """(N,2·channels,H,W) to the same shape."""
        x1, x2 = x.chunk(2, dim=1)
        y1 = x1 + self.phi(x2)
        y2 = x2 * self._scale(y1) + self.eta(y1)
        return torch.cat((y1, y2), dim=1)

    def inverse(self, y: Tensor) -> Tensor:
        """The x whose `forward` is `y`."""
        y1, y2 = y.chunk(2, dim=1)
        x2 = (y2 - self.eta(y1)) / self._scale(y1)
        x1 = y1 - self.phi(x2)
        return torch.cat((x1, x2), dim=1)


class InvertibleDenseNetwork(nn.Module):
    """IDN: `blocks` coupling blocks on a luminance repeated to 2·`channels` channels.

    Repeating is the lossless way to the two halves that a coupling needs; the paper does not
    say how it gets them.
    """

    def __init__(self, blocks: int, channels: int, growth: int) -> None:
        super().__init__()
        self.features = 2 * channels
        self.blocks = nn.ModuleList(InvertibleDenseBlock(channels, growth) for _ in range(blocks))

    def forward(self, luminance: Tensor) -> Tensor:
        """(N,1,H,W) luminance to (N,2·channels,H,W) features."""
        x = luminance.repeat(1, self.features, 1, 1)
        for block in self.blocks:
            x = block(x)
        return x

    def inverse(self, features: Tensor) -> Tensor:
        """Luminance (N,1,H,W) from the features that `forward` made of it."""
        for block in reversed(self.blocks):
            features = block.inverse(features)  # type: ignore[operator]
        return features[:, :1]

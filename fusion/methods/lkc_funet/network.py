"""LKC-FUNet put together."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from fusion.methods.lkc_funet.architecture import Architecture
from fusion.methods.lkc_funet.blocks import LKCBlock, LKDCBlock, NormConv, init_block
from fusion.methods.lkc_funet.mpafm import MPAFM, Concatenation

RELEASED = Architecture()


class Block(nn.Module):
    """An LKCBlock or LKDCBlock under the name that it has in the released weights."""

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.res_block = block

    def forward(self, x: Tensor) -> Tensor:
        """As the block within."""
        return self.res_block(x)


class Downsample(nn.Module):
    """3×3 convolution of stride 2: (N,C,H,W) to (N,C,⌈H/2⌉,⌈W/2⌉)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(N,C,H,W) to half the size."""
        return self.conv(x)


class Upsample(nn.Module):
    """Nearest ×2, then a 3×3 convolution: (N,C,H,W) to (N,C,2H,2W)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(N,C,H,W) to twice the size."""
        return self.conv(functional.interpolate(x, scale_factor=2.0, mode="nearest"))


def _lkdc_blocks(count: int, kernel: int, a: Architecture) -> list[nn.Module]:
    return [Block(LKDCBlock(kernel, a)) for _ in range(count)]


def _encoder(a: Architecture) -> nn.ModuleList:
    layers: list[nn.Module] = []
    for level, kernel in enumerate(a.sizes):
        if level > 0:
            layers.append(Downsample(a.width))
        layers += [Block(LKCBlock(a.width, kernel, a)), *_lkdc_blocks(a.depth, kernel, a)]
    return nn.ModuleList(layers)


def _decoder(a: Architecture) -> nn.ModuleList:
    layers: list[nn.Module] = []
    for level, kernel in reversed(list(enumerate(a.sizes))):
        layers.append(MPAFM(a) if a.mpafm else Concatenation())
        layers.append(Block(LKCBlock(2 * a.width, kernel, a)))
        layers += _lkdc_blocks(a.depth + 1 if level > 0 else a.depth, kernel, a)
        if level > 0:
            layers.append(Upsample(a.width))
    # The kept features of `init_conv` join here, so the last block is dense again.
    layers.append(Block(LKCBlock(a.width + a.init_width, a.sizes[0], a)))
    return nn.ModuleList(layers)


class LKCFUNet(nn.Module):
    """The network: two luminances in, the fused luminance out.

    Encoder and decoder have one level a kernel of `architecture.kernels`. The top level keeps
    the input's size, every further one halves it; an input whose sides are not multiples of
    2^(levels − 1) is padded at the right and bottom with its edge pixels, and the output cropped.

    The state dict has the names of the released weights, without their prefix `model.`. Dropout
    and stochastic depth act while training only. In eval mode each sample is fused on its own,
    whatever else is in the batch.

    Args:
        architecture: the settings; as released if absent.
    """

    def __init__(self, architecture: Architecture = RELEASED) -> None:
        super().__init__()
        a = self.architecture = architecture
        self.init_conv = nn.Conv2d(2, a.init_width, 3, padding=1)
        self.IN_conv = init_block(a)
        self.downs = _encoder(a)
        self.mid = nn.ModuleList(_lkdc_blocks(2, a.sizes[-1], a))
        self.ups = _decoder(a)
        self.final_conv = NormConv(a.width, 1, 3, a, overwrite=True)

    def forward(self, vis: Tensor, ir: Tensor | None = None) -> Tensor:
        """Fuse.

        Args:
            vis: luminance of VIS, (N,1,H,W) float in [0,1]; or VIS and IR as the two channels of
                (N,2,H,W), the order of the released code.
            ir: (N,1,H,W) float in [0,1]; absent if `vis` holds both.

        Returns:
            Fused luminance (N,1,H,W), not clamped: values may leave [0,1] slightly.

        Raises:
            ValueError: the channels are not VIS and IR.
        """
        pair = vis if ir is None else torch.cat((vis, ir), dim=1)
        if pair.ndim != 4 or pair.shape[1] != 2:
            raise ValueError(f"expected VIS and IR as (N,2,H,W), found {tuple(pair.shape)}")
        height, width = pair.shape[2:]
        multiple = 2 ** (len(self.architecture.kernels) - 1)
        padding = (0, -width % multiple, 0, -height % multiple)
        # An exported graph has no size to ask; it always pads, at times by nothing.
        if torch.compiler.is_exporting() or any(padding):
            pair = functional.pad(pair, padding, mode="replicate")
        return self._fuse(pair)[:, :, :height, :width]

    def _fuse(self, pair: Tensor) -> Tensor:
        """(N,2,H,W) to (N,1,H,W) for sides that halve evenly."""
        # With the channels innermost the depthwise convolutions are 20 times as fast on a CPU.
        first = self.init_conv(pair.contiguous(memory_format=torch.channels_last))
        x, skips = self._encode(self.IN_conv(first))
        for layer in self.mid:
            x = layer(x)
        for layer in self.ups[:-1]:
            joins = isinstance(layer, MPAFM | Concatenation)
            x = layer(x, skips.pop()) if joins else layer(x)
        x = self.ups[-1](torch.cat((x, first), dim=1))
        return self.final_conv(x)

    def _encode(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Output of the encoder, and that of each of its levels, top first."""
        skips = []
        for layer in self.downs:
            if isinstance(layer, Downsample):
                skips.append(x)
            x = layer(x)
        return x, [*skips, x]

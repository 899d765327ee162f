"""The blocks of LKC-FUNet. Attribute names are those of the released weights."""

from collections import OrderedDict

import torch
from torch import Tensor, nn

from fusion.layers.large_kernel import LargeKernelConv2d
from fusion.methods.lkc_funet.architecture import Architecture
from fusion.methods.lkc_funet.norms import NormKind, make_norm


def convolution(
    channels: int, out: int, kernel: int, a: Architecture, groups: int = 1, bias: bool = True
) -> nn.Module:
    """Convolution that keeps (H,W); from 5×5 on the way `a.conv` says, where there is a choice."""
    if kernel >= 5:
        conv = a.conv if groups == 1 else "auto"
        return LargeKernelConv2d(channels, out, kernel, groups=groups, bias=bias, conv=conv)
    return nn.Conv2d(channels, out, kernel, padding=kernel // 2, groups=groups, bias=bias)


class DropPath(nn.Module):
    """Stochastic depth: while training, a sample is zeroed with probability `p`, others / (1 − p).

    Huang et al. 2016. torchvision has the same layer, but takes two seconds to import.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """(N,C,H,W) to the same shape."""
        if not self.training or self.p == 0:
            return x
        keep = torch.empty(len(x), 1, 1, 1, dtype=x.dtype, device=x.device).bernoulli_(1 - self.p)
        return x * keep / (1 - self.p)


def _relu(norm: NormKind) -> nn.ReLU:
    """ReLU that overwrites the output of `norm`; without one that would be the block's input."""
    return nn.ReLU(inplace=norm != "none")


def _add(x: Tensor, residual: Tensor) -> Tensor:
    """Their sum; in inference in the place of `x`, which is nobody else's."""
    return x + residual if torch.is_grad_enabled() else x.add_(residual)


class NormConv(nn.Module):
    """Normalisation, ReLU, dropout, k×k convolution: (N,channels,H,W) to (N,out,H,W).

    With `overwrite` the input is lost in inference, see `GroupNorm`.
    """

    def __init__(
        self,
        channels: int,
        out: int,
        kernel: int,
        a: Architecture,
        dropout: float = 0.0,
        overwrite: bool = False,
    ) -> None:
        super().__init__()
        self.block = nn.Sequential(
            make_norm(a.norm, channels, a.groups_of(channels), overwrite),
            _relu(a.norm),
            nn.Dropout(dropout),
            convolution(channels, out, kernel, a),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N,channels,H,W) to (N,out,H,W)."""
        return self.block(x)


def init_block(a: Architecture) -> nn.Sequential:
    """InitBlock: (N,init_width,H,W) to (N,width,H,W), the only block under `init_norm`."""
    return nn.Sequential(
        make_norm(a.init_norm, a.init_width, a.init_groups),
        _relu(a.init_norm),
        nn.Dropout(a.dropout),
        convolution(a.init_width, a.width, a.sizes[0], a),
    )


class LKCBlock(nn.Module):
    """Two dense large-kernel convolutions under normalisation, and the residual.

    Args:
        channels: C of the (N,C,H,W) input; a 1×1 convolution carries the residual if it is not
            the width of the network, which is what comes out. The input is then lost in
            inference, see `GroupNorm`: it was put together for this block alone.
        kernel: k of both convolutions.
        a: the network's settings.
    """

    def __init__(self, channels: int, kernel: int, a: Architecture) -> None:
        super().__init__()
        carried = channels != a.width
        self.block1 = NormConv(channels, a.width, kernel, a, overwrite=carried)
        self.block2 = NormConv(a.width, a.width, kernel, a, a.dropout, overwrite=True)
        self.res_conv = nn.Conv2d(channels, a.width, 1) if carried else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """(N,channels,H,W) to (N,width,H,W)."""
        residual = self.res_conv(x)
        return _add(self.block2(self.block1(x)), residual)


def _conv_norm(
    channels: int, out: int, kernel: int, a: Architecture
) -> OrderedDict[str, nn.Module]:
    """1×1 dense or k×k depthwise convolution without bias, then normalisation."""
    groups = 1 if kernel == 1 else channels
    conv = convolution(channels, out, kernel, a, groups=groups, bias=False)
    return OrderedDict(conv=conv, bn=make_norm(a.norm, out, a.lkdc_groups, overwrite=True))


class LKDCBlock(nn.Module):
    """RepLKNet's block at expansion 1.5 with a depthwise k×k convolution, under stochastic depth.

    X. Ding et al., "Scaling up your kernels to 31×31", CVPR 2022; the authors of LKC-FUNet
    normalise with one group instead of the batch, and leave out the small parallel kernel.

    Args:
        kernel: k.
        a: the network's settings.
    """

    def __init__(self, kernel: int, a: Architecture) -> None:
        super().__init__()
        self.prelkb_bn = make_norm(a.norm, a.width, a.lkdc_groups)
        self.pw1 = nn.Sequential(_conv_norm(a.width, a.hidden, 1, a))
        self.large_kernel = nn.Sequential(
            OrderedDict(lkb_origin=nn.Sequential(_conv_norm(a.hidden, a.hidden, kernel, a)))
        )
        self.pw2 = nn.Sequential(_conv_norm(a.hidden, a.width, 1, a))
        self.relu = nn.ReLU(inplace=True)
        self.drop_path = DropPath(a.drop_path)

    def forward(self, x: Tensor) -> Tensor:
        """(N,width,H,W) to the same shape."""
        hidden = self.relu(self.pw1(self.prelkb_bn(x)))
        hidden = self.relu(self.large_kernel(hidden))
        return _add(self.drop_path(self.pw2(hidden)), x)

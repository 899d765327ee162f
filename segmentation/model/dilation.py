"""Dilated depthwise convolution at the speed of a plain one.

CPU libraries have fast kernels for plain depthwise convolutions and only slow ones for dilated
ones, above all backwards. Yet a convolution of dilation d is a plain one on each of the d×d
grids of every d-th pixel, so an encoder that is dilated for a finer output need not be slower.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


def split(x: Tensor, dilation: int) -> Tensor:
    """(N,C,H,W) to its grids (N·d·d,C,⌈H/d⌉,⌈W/d⌉); zeros fill the incomplete ones."""
    height, width = x.shape[-2:]
    x = functional.pad(x.permute(0, 2, 3, 1), (0, 0, 0, -width % dilation, 0, -height % dilation))
    x = x.unflatten(1, (-1, dilation)).unflatten(3, (-1, dilation))
    return x.permute(0, 2, 4, 1, 3, 5).flatten(0, 2).permute(0, 3, 1, 2)


def join(grids: Tensor, dilation: int, height: int, width: int) -> Tensor:
    """The inverse of `split`: (N,C,height,width), channels innermost and in one piece."""
    x = grids.permute(0, 2, 3, 1).unflatten(0, (-1, dilation, dilation))
    x = x.permute(0, 3, 1, 4, 2, 5).flatten(3, 4).flatten(1, 2)[:, :height, :width]
    return x.contiguous().permute(0, 3, 1, 2)


class _Split(torch.autograd.Function):
    """`split`, whose gradient lies in memory as images do; layers before it need that for speed."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, dilation: int) -> Tensor:
        ctx.join = (dilation, *x.shape[-2:])
        return split(x, dilation)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return join(grads[0], *ctx.join), None


class _Join(torch.autograd.Function):
    """`join`, the adjoint of `split`."""

    @staticmethod
    def forward(ctx: Any, grids: Tensor, dilation: int, height: int, width: int) -> Tensor:
        ctx.dilation = dilation
        return join(grids, dilation, height, width)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None, None]:
        return split(grads[0], ctx.dilation), None, None, None


class PhasedConv2d(nn.Conv2d):
    """`nn.Conv2d` for dilation > 1 and stride 1 that keeps (H,W); on CPU one grid at a time."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (nn.Conv2d's name)
        """(N,C,H,W) to (N,O,H,W), the same sums as `nn.Conv2d`."""
        if input.device.type != "cpu":
            return super().forward(input)
        dilation, half = self.dilation[0], [size // 2 for size in self.kernel_size]
        grids: Tensor = _Split.apply(input, dilation)
        grids = functional.conv2d(grids, self.weight, self.bias, 1, half, 1, self.groups)
        y: Tensor = _Join.apply(grids, dilation, *input.shape[-2:])
        return y


def _fits(module: nn.Module) -> bool:
    return (
        type(module) is nn.Conv2d
        and module.groups > 1
        and module.stride == (1, 1)
        and module.dilation[0] == module.dilation[1] > 1
        and module.padding == tuple(module.dilation[0] * (k // 2) for k in module.kernel_size)
        and all(k % 2 for k in module.kernel_size)
        and module.padding_mode == "zeros"
    )


def use_phases(network: nn.Module) -> None:
    """Make dilated depthwise layers `PhasedConv2d`; parameters and all else stay theirs."""
    for layer in network.modules():
        if _fits(layer):
            layer.__class__ = PhasedConv2d

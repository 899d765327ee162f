"""Dilated depthwise convolution at the speed of a plain one.

CPU libraries have fast kernels for plain depthwise convolutions and only slow ones for dilated
ones, above all backwards. Yet a convolution of dilation d is a plain one on each of the d×d
grids of every d-th pixel, so an encoder that is dilated for a finer output need not be slower.
"""

from torch import Tensor, nn
from torch.nn import functional


class PhasedConv2d(nn.Conv2d):
    """`nn.Conv2d` for dilation > 1 and stride 1 that keeps (H,W); on CPU one grid at a time."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (nn.Conv2d's name)
        """(N,C,H,W) to (N,O,H,W), the same sums as `nn.Conv2d`."""
        if input.device.type != "cpu":
            return super().forward(input)
        dilation = self.dilation[0]
        height, width = input.shape[-2:]
        # Zeros to whole grids are part of the zero padding.
        x = functional.pad(input, (0, -width % dilation, 0, -height % dilation))
        half = [size // 2 for size in self.kernel_size]
        y = functional.conv2d(split(x, dilation), self.weight, self.bias, 1, half, 1, self.groups)
        return join(y, dilation)[..., :height, :width]


def split(x: Tensor, dilation: int) -> Tensor:
    """(N,C,H,W) to its grids (N·d·d,C,H/d,W/d), channels innermost in memory."""
    x = x.unflatten(2, (-1, dilation)).unflatten(4, (-1, dilation))
    return x.permute(0, 3, 5, 2, 4, 1).flatten(0, 2).permute(0, 3, 1, 2)


def join(grids: Tensor, dilation: int) -> Tensor:
    """The inverse of `split`."""
    x = grids.permute(0, 2, 3, 1).unflatten(0, (-1, dilation, dilation))
    return x.permute(0, 3, 1, 4, 2, 5).flatten(3, 4).flatten(1, 2).permute(0, 3, 1, 2)


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
    """Put `PhasedConv2d`, with the same parameters, in place of dilated depthwise layers."""
    for name, layer in list(network.named_modules()):
        if isinstance(layer, nn.Conv2d) and _fits(layer):
            phased = PhasedConv2d(
                layer.in_channels,
                layer.out_channels,
                layer.kernel_size,  # type: ignore[arg-type]
                padding=layer.padding,  # type: ignore[arg-type]
                dilation=layer.dilation,  # type: ignore[arg-type]
                groups=layer.groups,
                bias=layer.bias is not None,
                device="meta",
            )
            phased.weight, phased.bias = layer.weight, layer.bias
            network.set_submodule(name, phased)

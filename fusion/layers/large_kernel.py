"""Convolution whose cost hardly grows with the kernel: `nn.Conv2d`'s twin for large kernels.

Getting fresh memory for its tiles can take longer than the arithmetic: a program of your own calls
`fusion.set_up_process()` once, before the first large tensor, as every stage does.
"""

from typing import Literal

import torch
from torch import Tensor, nn

from fusion.layers import depthwise, frequency, spectra
from fusion.layers.frequency_conv import FrequencyConv2d, cut_of
from fusion.layers.tiles import cost

Conv = Literal["auto", "direct", "frequency"]

GAIN = {("cpu", torch.float32): 8.0, ("cpu", torch.bfloat16): 8.0}
"""`auto` takes the frequency domain if it needs this many times fewer multiplications, by device
and type; where none was measured (`python -m benchmarks.gpu`), never.

Its smaller matrix products run at less than peak: over 23 layers of 2 to 128 channels, 5×5 to
15×15 kernels and 1 to 8 images of 16 to 256 pixels (AMD EPYC 9004, AVX-512, float32) the measured
gain was the arithmetic one divided by 6.5, within a factor of 1.6.
"""


def _working_type(x: Tensor) -> torch.dtype:
    """The type that `x` is worked on in: autocast's where it is on."""
    device = x.device.type
    autocast = torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device)
    return torch.get_autocast_dtype(device) if autocast else x.dtype


def _pair(value: int | str | tuple[int, int]) -> tuple[int, int]:
    """`value` for height and width; a word, which allows nothing, as (-1, -1)."""
    if isinstance(value, str):
        return -1, -1
    return (value, value) if isinstance(value, int) else (value[0], value[1])


class LargeKernelConv2d(nn.Conv2d):
    """Convolution of stride 1 that keeps (H,W): a drop-in for `nn.Conv2d` with the same state dict.

    Computed in one of two ways that agree within float32's rounding (relative error below 1e-5):
    directly, by the library, or in the frequency domain, where a 15×15 kernel takes about a
    thirtieth of the multiplications. The frequency domain always works in float32; under
    autocast the result is cast to autocast's type. In eval mode without gradients, on a CPU, some
    transforms of weights stay for the next small image (`fusion.layers.spectra`).

    On CUDA leave `torch.backends.cuda.matmul.allow_tf32` off (the default) for this accuracy.

    Args:
        in_channels: C of the (N,C,H,W) input.
        out_channels: O of the (N,O,H,W) output.
        kernel_size: odd, one number or (height, width).
        stride: 1.
        padding: what keeps (H,W): None, `same`, or half of the kernel's size, rounded down.
        dilation: 1.
        groups: 1 (dense) or `in_channels` (depthwise); with groups it is computed directly.
        bias: add a learnt value to each output channel.
        padding_mode: `zeros`.
        device: of the parameters.
        dtype: of the parameters.
        conv: `direct`, `frequency` (dense kernels only), or `auto`: whichever is faster for the
            shape, type and device at hand, as far as that was measured (`GAIN`), else `direct`.

    Raises:
        ValueError: an even kernel, `frequency` with groups, or a stride, padding, dilation or
            padding mode that is not the one allowed.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: str | int | tuple[int, int] | None = None,
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        conv: Conv = "auto",
    ) -> None:
        kernel = _pair(kernel_size)
        half = (kernel[0] // 2, kernel[1] // 2)
        same = padding in (None, "same") or _pair(padding) == half
        if not all(size % 2 for size in kernel):
            raise ValueError(f"kernel_size must be odd, found {kernel_size}")
        if not same or padding_mode != "zeros" or {*_pair(stride), *_pair(dilation)} != {1}:
            raise ValueError(
                f"stride and dilation must be 1 and padding {half} of zeros, found "
                f"stride {stride}, dilation {dilation}, padding {padding} ({padding_mode})"
            )
        if conv == "frequency" and groups != 1:
            raise ValueError(f"conv='frequency' needs groups=1, found {groups}")
        super().__init__(
            in_channels,
            out_channels,
            kernel,
            padding=half,
            groups=groups,
            bias=bias,
            device=device,
            dtype=dtype,
        )
        self.conv = conv

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (nn.Conv2d's name)
        """(N,C,H,W) to (N,O,H,W)."""
        grouped = self.groups > 1 and not torch.compiler.is_exporting()
        if self.conv == "auto" and grouped and input.device.type == "cpu":
            return self._depthwise(input)
        if torch.compiler.is_exporting() or not self._in_frequency(input):
            return super().forward(input)  # exported as the plain convolution that it is
        device = input.device.type
        dtype = _working_type(input)
        with torch.autocast(device, enabled=False):
            x, weight = input.float(), self.weight.float()
            bias = None if self.bias is None else self.bias.float()
            cut = cut_of(x, weight)
            inference = not self.training and not torch.is_grad_enabled()
            if inference and device == "cpu" and spectra.pays(len(x), cut):
                y = frequency.correlate(x, spectra.spectrum_of_layer(self, weight, cut), cut)
                y = y if bias is None else y.add_(bias[:, None, None])
            else:
                y = FrequencyConv2d.apply(x, weight, bias)
        return y.to(dtype)

    def _depthwise(self, x: Tensor) -> Tensor:
        # 20 times as fast with the channels innermost.
        x = x.contiguous(memory_format=torch.channels_last)
        one_each = self.groups == self.in_channels == self.out_channels
        large = self.weight[0].numel() >= depthwise.TAPS
        if one_each and large and torch.is_grad_enabled() and _working_type(x) == torch.float32:
            y: Tensor = depthwise.DepthwiseConv2d.apply(x, self.weight, self.bias)
            return y
        return super().forward(x)

    def _in_frequency(self, x: Tensor) -> bool:
        if self.conv != "auto":
            return self.conv == "frequency"
        needed = GAIN.get((x.device.type, _working_type(x)))
        return self.groups == 1 and needed is not None and self.gain(x) > needed

    def gain(self, x: Tensor) -> float:
        """How many times fewer multiplications (N,C,H,W) takes in the frequency domain."""
        cut = cut_of(x, self.weight)
        taps = self.weight.numel() * x.shape[0] * x.shape[2] * x.shape[3]
        return taps / cost(x.shape[0], self.in_channels, self.out_channels, cut)

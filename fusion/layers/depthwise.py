"""Depthwise convolution with a large kernel on a CPU: the library's, but for the weights' gradient.

The library makes that gradient slowly once a kernel is wide: at 15×15, for 32 images of 192
channels and 64×64, it takes 30 times the forward pass (3.5 s against 0.11 s on two cores of an
Intel Xeon), and the two such layers of LKC-FUNet take a third of its training step. As a
correlation of whole images it is one product of their spectra (0.2 to 0.4 s).
"""

from typing import Any

import torch
from scipy.fft import next_fast_len
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

TAPS = 11 * 11
"""Taps of a kernel from which the spectra are faster: with 5×5 they take four times as long."""


BLOCK = 96 * 2**20
"""Bytes of the spectra that are worked on at once: larger blocks of memory are slow to get."""


class DepthwiseConv2d(torch.autograd.Function):
    """Same-padded correlation of (N,C,H,W) with a kernel (C,1,kh,kw) a channel, plus bias."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Returns (N,C,H,W)."""
        ctx.save_for_backward(x, weight)
        return _correlate(x, weight, bias)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of x, weight, bias."""
        x, weight = ctx.saved_tensors
        grad = grads[0].contiguous(memory_format=torch.channels_last)
        grad_x = grad_weight = grad_bias = None
        if ctx.needs_input_grad[0]:
            grad_x = _correlate(grad, weight.flip(2, 3))
        if ctx.needs_input_grad[1]:
            grad_weight = kernel_gradient(x, grad, (weight.shape[2], weight.shape[3]))
        if ctx.needs_input_grad[2]:
            grad_bias = grad.sum((0, 2, 3))
        return grad_x, grad_weight, grad_bias


def _correlate(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    half = (weight.shape[2] // 2, weight.shape[3] // 2)
    return F.conv2d(x, weight, bias, padding=half, groups=len(weight))


def kernel_gradient(x: Tensor, grad: Tensor, kernel: tuple[int, int]) -> Tensor:
    """Gradient of the weights of a same-padded depthwise correlation.

    Args:
        x: (N,C,H,W) float, the input.
        grad: (N,C,H,W), the gradient of the output.
        kernel: odd height and width of the kernel.

    Returns:
        (C,1,kh,kw): at tap (i,j) the sum over images and pixels of `grad` times `x` moved by
        (i − kh/2, j − kw/2), zeros outside.
    """
    half = [side // 2 for side in kernel]
    # Room for the largest move, or what leaves at one edge comes in at the other.
    room = [max(x.shape[2 + axis] + half[axis], kernel[axis]) for axis in (0, 1)]
    size = [next_fast_len(pixels, real=True) for pixels in room]
    images = max(1, BLOCK // (8 * x.shape[1] * size[0] * (size[1] // 2 + 1)))
    total: Tensor | None = None
    for parts in zip(x.split(images), grad.split(images), strict=True):
        ours, its = (torch.fft.rfft2(part.contiguous(), size) for part in parts)
        product = ours.mul_(its.conj()).sum(0)
        total = product if total is None else total.add_(product)
    taps = torch.fft.irfft2(total, size).roll(half, (1, 2))
    return taps[:, None, : kernel[0], : kernel[1]]

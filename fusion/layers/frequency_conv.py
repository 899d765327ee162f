"""Same-padded correlation in the frequency domain, with its gradients, for `torch.autograd`."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from fusion.layers import frequency
from fusion.layers.gradients import gradients, one_tile
from fusion.layers.tiles import Cut, cheapest


def cut_of(x: Tensor, weight: Tensor) -> Cut:
    """The cheapest cut into tiles for (N,C,H,W) and (O,C,kh,kw)."""
    batch, channels, height, width = x.shape
    kernel = (weight.shape[2], weight.shape[3])
    return cheapest(batch, (height, width), channels, weight.shape[0], kernel)


def _correlate(x: Tensor, weight: Tensor) -> Tensor:
    cut = cut_of(x, weight)
    return frequency.correlate(x, frequency.kernel_spectrum(weight, cut), cut)


class FrequencyConv2d(torch.autograd.Function):
    """Same-padded correlation of (N,C,H,W) with (O,C,kh,kw), plus bias, in the frequency domain."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Returns (N,O,H,W)."""
        ctx.cut = cut = cut_of(x, weight)
        ctx.together = one_tile(cut) and all(ctx.needs_input_grad[:2])
        kept: list[Tensor] | None = [] if ctx.together else None
        y = frequency.correlate(x, frequency.kernel_spectrum(weight, cut), cut, kept)
        ctx.save_for_backward(weight, *([x] if kept is None else kept))
        return y if bias is None else y.add_(bias[:, None, None])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of x, weight, bias; the weights are transformed anew, cheaper than memory."""
        weight, *of_x = ctx.saved_tensors
        grad, grad_x, grad_weight = grads[0], None, None
        if ctx.together:
            spectrum = frequency.kernel_spectrum(weight, ctx.cut)
            grad_x, grad_weight = gradients(grad, of_x, spectrum, ctx.cut)
        else:
            if ctx.needs_input_grad[0]:
                grad_x = _correlate(grad, weight.flip(2, 3).transpose(0, 1))
            if ctx.needs_input_grad[1]:
                grad_weight = frequency.kernel_gradient(of_x[0], grad, ctx.cut)
        grad_bias = grad.sum((0, 2, 3)) if ctx.needs_input_grad[2] else None
        return grad_x, grad_weight, grad_bias

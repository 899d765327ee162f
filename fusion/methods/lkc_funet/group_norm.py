"""Group normalisation that is as accurate with the channels innermost as with them outermost."""

import torch
from torch import Tensor, nn

STRIP = 4 * 2**20
"""Bytes of the rows that are normalised together: they stay in the cache meanwhile."""


class GroupNorm(nn.GroupNorm):
    """`nn.GroupNorm`, with exact statistics for inference in channels_last on a CPU.

    There PyTorch adds up the pixels of a channel one by one in float32, which costs two digits on
    large images; over the depth of LKC-FUNet that shows in the fourth decimal of the result. Here
    the sums are pairwise and the variance is that of the centred values.
    """

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (nn.GroupNorm's name)
        """Normalise (N,C,H,W)."""
        if (
            torch.is_grad_enabled()
            or torch.compiler.is_exporting()  # strips of a height that is not known are no graph
            or input.device.type != "cpu"
            or input.dtype != torch.float32
            or input.is_contiguous()
            or not input.is_contiguous(memory_format=torch.channels_last)
        ):
            return super().forward(input)
        return self._accurate(input)

    def _accurate(self, x: Tensor) -> Tensor:
        mean = self._of_groups(x.mean((2, 3)))
        # In strips, for a map of its own to hold the centred values is slow to get.
        rows = max(1, STRIP * x.shape[2] // (4 * x.numel()))
        strips = x.split(rows, 2)
        squares = torch.stack([(strip - mean).square_().sum((2, 3)) for strip in strips])
        variance = self._of_groups(squares.sum(0) / (x.shape[2] * x.shape[3]))
        scale = (variance + self.eps).rsqrt()
        if self.weight is not None:
            scale = scale * self.weight[:, None, None]
        out = torch.empty_like(x)
        for strip, target in zip(strips, out.split(rows, 2), strict=True):
            torch.sub(strip, mean, out=target).mul_(scale)
            if self.bias is not None:
                target.add_(self.bias[:, None, None])
        return out

    def _of_groups(self, x: Tensor) -> Tensor:
        """Mean over each group's channels, for each channel: (N,C) to (N,C,1,1)."""
        mean = x.unflatten(1, (self.num_groups, -1)).mean(2)
        return mean.repeat_interleave(x.shape[1] // self.num_groups, 1)[:, :, None, None]

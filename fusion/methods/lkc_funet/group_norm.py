"""Group normalisation that is as accurate with the channels innermost as with them outermost."""

import torch
from torch import Tensor, nn

STRIP = 2 * 2**20
"""Bytes of the rows that are squared together: they stay in the cache meanwhile."""


class GroupNorm(nn.GroupNorm):
    """`nn.GroupNorm`, with exact statistics for inference in channels_last on a CPU.

    There PyTorch adds up the pixels of a channel one by one in float32, which costs two digits on
    large images; over the depth of LKC-FUNet that shows in the fourth decimal of the result. Here
    rows are summed first, then their sums, and the variance is that of the centred values.

    Args:
        groups: of the channels.
        channels: C.
        overwrite: nobody else needs the input, and in inference the output takes its place: a map
            of its own is slow to get.
    """

    def __init__(self, groups: int, channels: int, overwrite: bool = False) -> None:
        super().__init__(groups, channels)
        self.overwrite = overwrite

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
        pixels = x.permute(0, 2, 3, 1)
        count = x.shape[2] * x.shape[3]
        mean = self._of_groups(_sums(pixels) / count)
        # In strips, for a map of its own to hold the centred values is slow to get.
        rows = max(1, STRIP * x.shape[2] // (4 * x.numel()))
        squares = [_sums((strip - mean).square_()) for strip in pixels.split(rows, 1)]
        variance = self._of_groups(torch.stack(squares).sum(0) / count)
        scale = (variance + self.eps).rsqrt() * self.weight
        shift = self.bias - mean * scale
        out = pixels if self.overwrite else torch.empty_like(pixels)
        return torch.addcmul(shift, pixels, scale, out=out).permute(0, 3, 1, 2)

    def _of_groups(self, x: Tensor) -> Tensor:
        """Mean over each group's channels, for each channel: (N,C) to (N,1,1,C)."""
        mean = x.unflatten(1, (self.num_groups, -1)).mean(2)
        return mean.repeat_interleave(x.shape[1] // self.num_groups, 1)[:, None, None]


def _sums(pixels: Tensor) -> Tensor:
    """Sums over H and W of (N,H,W,C), (N,C): products with ones are the fastest way there."""
    return torch.matmul(pixels.new_ones(1, pixels.shape[2]), pixels).sum((1, 2))

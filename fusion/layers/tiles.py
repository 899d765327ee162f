"""How an image is cut into overlapping tiles, and put together again: overlap-save.

A circular correlation over `size` samples equals the plain one wherever it does not wrap around,
that is at the first size − kernel + 1 outputs. Tiles therefore overlap by kernel − 1. A side that
is one tile alone needs only half of that: its zeros before and after are the same samples.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import torch.nn.functional as F
from torch import Tensor

KERNEL_COST = 16
"""Transforming the weights costs as much as the products of this many tiles."""
VALID = sorted({round(1.1**i) for i in range(48)})
"""Outputs per tile side that are tried: 1 to 88."""
LARGEST = 38
"""Of them, the most for one of several tiles: more saves nothing, and the spectrum grows."""


@dataclass(frozen=True)
class Reading:
    """What the tiles read along one side of an image.

    Attributes:
        size: samples on the circle of one tile.
        first: position on the circle of the first sample that is read.
        read: samples read; the rest of the circle is zero.
        step: from one tile to the next, samples.
        padding: zeros before and after the side, so that every tile reads whole.
    """

    size: int
    first: int
    read: int
    step: int
    padding: tuple[int, int]


@dataclass(frozen=True)
class Side:
    """How the height or the width of an image is cut.

    Attributes:
        length: pixels of the side.
        kernel: of the convolution, odd.
        count: number of tiles.
        size: samples on the circle of one tile, odd.
    """

    length: int
    kernel: int
    count: int
    size: int

    @property
    def valid(self) -> int:
        """Outputs that one tile gives."""
        return self.length if self.count == 1 else self.size - self.kernel + 1

    @property
    def inputs(self) -> Reading:
        """How the convolution's input is read; its first output is at position 0 of the circle."""
        half = self.kernel // 2
        if self.count == 1:
            return Reading(self.size, half, self.length, self.length, (0, 0))
        after = (self.count - 1) * self.valid + self.size - half - self.length
        return Reading(self.size, 0, self.size, self.valid, (half, after))

    @property
    def outputs(self) -> Reading:
        """How the gradient of the convolution's output is read, without overlap."""
        after = self.count * self.valid - self.length
        return Reading(self.size, 0, self.valid, self.valid, (0, after))


Cut = tuple[Side, Side]
"""The cutting of height and width."""


def side(length: int, kernel: int, count: int) -> Side:
    """Cut `length` pixels into `count` tiles of the least odd size."""
    size = length + kernel // 2 if count == 1 else math.ceil(length / count) + kernel - 1
    return Side(length, kernel, count, size + 1 - size % 2)


def cost(batch: int, channels: int, out: int, cut: Cut) -> float:
    """Arithmetic of one convolution in the frequency domain, in multiplications.

    Args:
        batch: images.
        channels: C of the input.
        out: O, channels of the output.
        cut: of H and W.
    """
    tiles = batch * cut[0].count * cut[1].count
    area, size = cut[0].size * cut[1].size, (cut[0].size + cut[1].size) / 2
    return area * ((tiles + KERNEL_COST) * channels * out + tiles * size * (channels + out))


@lru_cache(maxsize=1024)
def cheapest(
    batch: int, shape: tuple[int, int], channels: int, out: int, kernel: tuple[int, int]
) -> Cut:
    """The cutting with the least `cost`.

    Args:
        batch: images.
        shape: H and W.
        channels: C of the input.
        out: O, channels of the output.
        kernel: height and width of the kernel.
    """
    cuts = [
        (side(shape[0], kernel[0], high), side(shape[1], kernel[1], wide))
        for valid in VALID
        for high, wide in [[math.ceil(length / valid) for length in shape]]
        if valid <= LARGEST or high == wide == 1
    ]
    return min(cuts, key=lambda cut: cost(batch, channels, out, cut))


def pad(x: Tensor, cut: Cut, band: range, outputs: bool = False) -> Tensor:
    """What the tile rows `band` read of (N,C,H,W), with the zeros around it.

    Args:
        x: the convolution's input, or the gradient of its output if `outputs`.
        cut: of H and W.
        band: tile rows, without gaps.
        outputs: which of the two.
    """
    high, wide = (side.outputs if outputs else side.inputs for side in cut)
    top = band.start * high.step - high.padding[0]
    bottom = (band.stop - 1) * high.step - high.padding[0] + high.read
    above, below = max(0, -top), max(0, bottom - x.shape[2])
    inside, padding = x[:, :, top + above : bottom - below], (*wide.padding, above, below)
    return F.pad(inside, padding) if any(padding) else inside  # a padding of nothing is a copy


def tile_rows(x: Tensor, wide: Reading) -> Tensor:
    """Cut the rows of the padded (N,C,H,W) along w into (H, read, N·tiles, C)."""
    cutting = x.unfold(3, wide.read, wide.step)
    return cutting.permute(2, 4, 0, 3, 1).flatten(2, 3)


def stack_tiles(x: Tensor, high: Reading) -> Tensor:
    """View rows (H, ...) as the overlapping (tiles, read, ...)."""
    return x.unfold(0, high.read, high.step).movedim(-1, 1)


def join_tiles(tiles: Tensor, out: Tensor, cut: Cut) -> None:
    """Put (valid h, valid w, tile rows, N, wide.count, C) together into `out`, (N,H,W,C).

    What the last tiles give beyond H and W is dropped.
    """
    high, wide = cut
    for i in range(tiles.shape[2]):
        rows = out[:, i * high.valid : (i + 1) * high.valid]
        for j in range(wide.count):
            target = rows[:, :, j * wide.valid : (j + 1) * wide.valid]
            tile = tiles[: target.shape[1], : target.shape[2], i, :, j]
            target.copy_(tile.permute(2, 0, 1, 3))

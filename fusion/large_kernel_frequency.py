"""Convolution with large kernels in the frequency domain: the mechanics of `large_kernel`.

Overlap-save: the image is cut into tiles of `size` pixels that overlap by kernel − 1; in each
tile the valid outputs of a circular correlation are those of the convolution. Every discrete
Fourier transform is a product with a small real matrix, which leaves the data in the layout that
the next step wants and runs at the speed of matrix products on any device.

A real tile is transformed along w, then along h, each time to the real and imaginary parts of
its `size // 2 + 1` non-redundant frequencies. The four products of these parts (re/im along w
times re/im along h) give by sums and differences the complex spectrum at the frequencies (w, +h)
and (w, −h). There the convolution is one product of matrices over the channels per frequency:
[[Xr, −Xi], [Xi, Xr]] · [Wr; Wi] = [Yr; Yi], the rows being tiles.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

WORKSPACE = 32 * 2**20
"""Bytes that the spectrum of one group of frequencies may take: about a last-level cache."""


@dataclass(frozen=True)
class Tiles:
    """How one side of an image is cut: `count` tiles of `size` with `valid` outputs each."""

    count: int
    valid: int
    size: int

    @property
    def kernel(self) -> int:
        """Size of the kernel that this cutting is for."""
        return self.size - self.valid + 1


def cut(length: int, kernel: int, valid: int) -> Tiles:
    """Cut a side of `length` pixels into equal tiles of about `valid` outputs, odd in size."""
    count = math.ceil(length / valid)
    size = math.ceil(length / count) + kernel - 1
    size += 1 - size % 2
    return Tiles(count, size - kernel + 1, size)


@lru_cache(maxsize=256)
def analysis(size: int, first: int, step: int, count: int, device: torch.device) -> Tensor:
    """Real DFT matrix (2·frequencies, count), rows re, im by turns; float32.

    Its column j stands for the sample at position `first + step * j` of the circle of `size`.
    """
    frequency = torch.arange(size // 2 + 1, dtype=torch.float64, device="cpu")[:, None]
    position = first + step * torch.arange(count, dtype=torch.float64, device="cpu")
    angle = 2 * math.pi / size * frequency * position
    return torch.stack((angle.cos(), -angle.sin()), 1).flatten(0, 1).float().to(device)


@lru_cache(maxsize=256)
def synthesis(size: int, first: int, step: int, count: int, device: torch.device) -> Tensor:
    """Inverse of `analysis` for an odd `size`: (count, 2·frequencies)."""
    weight = torch.full((size // 2 + 1, 1), 2.0 / size, device="cpu")
    weight[0] = 1.0 / size
    matrix = analysis(size, first, step, count, device).unflatten(0, (-1, 2))
    return (matrix * weight.to(device)[:, None]).flatten(0, 1).t().contiguous()


def _along_h(matrix: Tensor, x: Tensor) -> Tensor:
    """Multiply along axis 1 of (w, h, rows, channels)."""
    w, h, rows, channels = x.shape
    y = torch.bmm(matrix.expand(w, -1, -1), x.reshape(w, h, rows * channels))
    return y.view(w, -1, rows, channels)


def _along_w(matrix: Tensor, x: Tensor) -> Tensor:
    """Multiply along axis 0 of (w, h, rows, channels)."""
    return (matrix @ x.reshape(x.shape[0], -1)).view(-1, *x.shape[1:])


def _parts(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The products of parts rr, ri, ir, ii (w before h) of (2w, 2h, rows, channels)."""
    x = x.unflatten(1, (-1, 2)).unflatten(0, (-1, 2))
    return x[:, 0, :, 0], x[:, 0, :, 1], x[:, 1, :, 0], x[:, 1, :, 1]


def _left(x: Tensor) -> Tensor:
    """Parts (2w, 2h, rows, C) to the left factors (frequency, 2·rows, 2·C) of the product."""
    rr, ri, ir, ii = _parts(x)
    w, h, rows, channels = rr.shape
    out = x.new_empty(w, h, 2, 2, rows, 2, channels)
    for sign, target in ((1, out[:, :, 0]), (-1, out[:, :, 1])):
        real, imaginary = target[:, :, 0], target[:, :, 1]
        torch.sub(rr, ii, alpha=sign, out=real[..., 0, :])
        torch.add(ir, ri, alpha=sign, out=imaginary[..., 0, :])
        torch.neg(imaginary[..., 0, :], out=real[..., 1, :])
        imaginary[..., 1, :].copy_(real[..., 0, :])
    return out.view(w * h * 2, 2 * rows, 2 * channels)


def _right(x: Tensor) -> Tensor:
    """Parts (2w, 2h, rows, C) to the real and imaginary spectrum (frequency, 2·rows, C)."""
    rr, ri, ir, ii = _parts(x)
    w, h, rows, channels = rr.shape
    out = x.new_empty(w, h, 2, 2, rows, channels)
    for sign, target in ((1, out[:, :, 0]), (-1, out[:, :, 1])):
        torch.sub(rr, ii, alpha=sign, out=target[:, :, 0])
        torch.add(ir, ri, alpha=sign, out=target[:, :, 1])
    return out.view(w * h * 2, 2 * rows, channels)


def _back(spectrum: Tensor, w: int) -> Tensor:
    """Inverse of `_right`, times 2: (frequency, 2·rows, C) to parts (2w, 2h, rows, C)."""
    rows = spectrum.shape[1] // 2
    y = spectrum.view(w, -1, 2, 2, rows, spectrum.shape[2])
    plus, minus = y[:, :, 0], y[:, :, 1]
    out = y.new_empty(w, 2, y.shape[1], 2, rows, spectrum.shape[2])
    torch.add(plus[:, :, 0], minus[:, :, 0], out=out[:, 0, :, 0])
    torch.sub(minus[:, :, 0], plus[:, :, 0], out=out[:, 1, :, 1])
    torch.add(plus[:, :, 1], minus[:, :, 1], out=out[:, 1, :, 0])
    torch.sub(plus[:, :, 1], minus[:, :, 1], out=out[:, 0, :, 1])
    return out.view(2 * w, -1, rows, spectrum.shape[2])


def _gather(x: Tensor, size: tuple[int, int], tiles: tuple[Tiles, Tiles]) -> Tensor:
    """Cut (N,C,H,W), padded to whole tiles, into (size w, size h, tiles, C)."""
    high, wide = tiles
    cutting = x.unfold(2, size[0], high.valid).unfold(3, size[1], wide.valid)
    return cutting.permute(5, 4, 0, 2, 3, 1).reshape(size[1], size[0], -1, x.shape[1])


def _padded(x: Tensor, tiles: tuple[Tiles, Tiles], before: tuple[int, int], halo: int) -> Tensor:
    """Zero-pad (N,C,H,W) by `before` and up to whole tiles (plus their overlap if `halo`)."""
    pad = []
    for side, tile, first in ((3, tiles[1], before[1]), (2, tiles[0], before[0])):
        total = tile.count * tile.valid + halo * (tile.size - tile.valid)
        pad += [first, total - first - x.shape[side]]
    return F.pad(x, pad)


def kernel_spectrum(weight: Tensor, tiles: tuple[Tiles, Tiles]) -> Tensor:
    """Right factors (frequency, 2·C, O) of the weights (O, C, kh, kw), for `correlate`."""
    high, wide = tiles
    x = weight.permute(3, 2, 1, 0).contiguous()
    x = _along_w(analysis(wide.size, 0, -1, weight.shape[3], weight.device), x)
    return _right(_along_h(analysis(high.size, 0, -1, weight.shape[2], weight.device), x))


def correlate(x: Tensor, spectrum: Tensor, tiles: tuple[Tiles, Tiles]) -> Tensor:
    """Same-padded correlation of (N,C,H,W) with the weights behind `spectrum`.

    Args:
        x: (N,C,H,W) float32.
        spectrum: of the weights, from `kernel_spectrum` with the same tiles.
        tiles: the cutting of H and of W.

    Returns:
        (N,O,H,W) float32, channels last in memory.
    """
    high, wide = tiles
    padded = _padded(x, tiles, (high.kernel // 2, wide.kernel // 2), 1)
    columns = _along_w(
        analysis(wide.size, 0, 1, wide.size, x.device),
        _gather(padded, (high.size, wide.size), tiles),
    )
    rows, half = columns.shape[2], wide.size // 2 + 1
    out = x.new_empty(2 * half, high.valid, rows, spectrum.shape[2])
    spectra = spectrum.view(half, -1, *spectrum.shape[1:])
    group = max(1, WORKSPACE // (8 * high.size * rows * x.shape[1] * 4))
    for first in range(0, half, group):
        part = slice(2 * first, 2 * (first + group))
        y = _along_h(analysis(high.size, 0, 1, high.size, x.device), columns[part])
        y = torch.bmm(_left(y), spectra[first : first + group].flatten(0, 1))
        y = _back(y, min(group, half - first))
        out[part] = _along_h(synthesis(high.size, 0, 1, high.valid, x.device), y)
    y = _along_w(0.5 * synthesis(wide.size, 0, 1, wide.valid, x.device), out)
    return _join(y, x.shape, tiles)


def _join(y: Tensor, shape: torch.Size, tiles: tuple[Tiles, Tiles]) -> Tensor:
    """Put (valid w, valid h, tiles, C) together to (N,C,H,W), channels last."""
    high, wide = tiles
    y = y.view(wide.valid, high.valid, shape[0], high.count, wide.count, -1)
    y = y.permute(2, 3, 1, 4, 0, 5).reshape(
        shape[0], high.count * high.valid, wide.count * wide.valid, -1
    )
    return y[:, : shape[2], : shape[3]].permute(0, 3, 1, 2)


def kernel_gradient(x: Tensor, grad: Tensor, tiles: tuple[Tiles, Tiles]) -> Tensor:
    """Gradient (O,C,kh,kw) of the weights, from x (N,C,H,W) and the output's gradient (N,O,H,W)."""
    high, wide = tiles
    device = x.device
    left = _gather(
        _padded(x, tiles, (high.kernel // 2, wide.kernel // 2), 1), (high.size, wide.size), tiles
    )
    right = _gather(_padded(grad, tiles, (0, 0), 0), (high.valid, wide.valid), tiles)
    left = _along_w(analysis(wide.size, 0, 1, wide.size, device), left)
    right = _along_w(analysis(wide.size, 0, 1, wide.valid, device), right)
    half = wide.size // 2 + 1
    out = x.new_empty(2 * half, high.kernel, x.shape[1], grad.shape[1])
    group = max(1, WORKSPACE // (8 * high.size * left.shape[2] * x.shape[1] * 4))
    for first in range(0, half, group):
        part = slice(2 * first, 2 * (first + group))
        a = _left(_along_h(analysis(high.size, 0, 1, high.size, device), left[part]))
        b = _right(_along_h(analysis(high.size, 0, 1, high.valid, device), right[part]))
        y = _back(torch.bmm(a.transpose(1, 2), b), min(group, half - first))
        out[part] = _along_h(synthesis(high.size, 0, -1, high.kernel, device), y)
    y = _along_w(0.5 * synthesis(wide.size, 0, -1, wide.kernel, device), out)
    return y.permute(3, 2, 1, 0)

"""Convolution with large kernels in the frequency domain: the mechanics of `large_kernel`.

Every discrete Fourier transform is a product with a small real matrix, which leaves the data in
the layout that the next step wants and runs at the speed of matrix products on any device.

A real tile is transformed along w, then along h, each time to the real and imaginary parts of
its `size // 2 + 1` non-redundant frequencies. The four products of these parts (re/im along w
times re/im along h) give by sums and differences the complex spectrum at the frequencies (w, +h)
and (w, −h). There the convolution is one product of matrices over the channels per frequency:
[[Xr, −Xi], [Xi, Xr]] · [Wr; Wi] = [Yr; Yi], the rows being tiles.

Frequencies along w are worked on in groups, so that the spectrum of a group stays in the cache.
"""

import math
from collections.abc import Iterator
from functools import lru_cache

import torch
from torch import Tensor

from fusion.large_kernel_tiles import (
    Cut,
    Reading,
    Side,
    join_tiles,
    pad,
    stack_tiles,
    tile_rows,
)

WORKSPACE = 32 * 2**20
"""Bytes that the factors of one group of frequencies may take: about a last-level cache."""
BAND = 64
"""Tiles that are transformed together, which bounds memory on large images."""


@lru_cache(maxsize=256)
def _analysis(size: int, first: int, step: int, count: int, device: torch.device) -> Tensor:
    """Real DFT matrix (2·frequencies, count), rows re, im by turns; float32.

    Its column j stands for the sample at position `first + step * j` of the circle of `size`.
    """
    frequency = torch.arange(size // 2 + 1, dtype=torch.float64, device="cpu")[:, None]
    position = first + step * torch.arange(count, dtype=torch.float64, device="cpu")
    angle = 2 * math.pi / size * frequency * position
    return torch.stack((angle.cos(), -angle.sin()), 1).flatten(0, 1).float().to(device)


@lru_cache(maxsize=256)
def _synthesis(size: int, step: int, count: int, device: torch.device) -> Tensor:
    """Inverse of `_analysis` for an odd `size` and `first` 0: (count, 2·frequencies)."""
    weight = torch.full((2 * (size // 2 + 1),), 2 / size, device=device)
    weight[:2] = 1 / size
    return (_analysis(size, 0, step, count, device).t() * weight).contiguous()


def _along(matrix: Tensor, x: Tensor, out: Tensor | None = None) -> Tensor:
    """Multiply (batch, length, ...) along its axis 1."""
    y = torch.bmm(
        matrix.expand(len(x), -1, -1), x.flatten(2), out=None if out is None else out.flatten(2)
    )
    return y.view(len(x), -1, *x.shape[2:])


def _read_matrix(reading: Reading, device: torch.device) -> Tensor:
    return _analysis(reading.size, reading.first, 1, reading.read, device)


def _parts(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Views rr, ri, ir, ii (w before h), each (w, h, n, rows, C), of (n, 2h, 2w, rows, C)."""
    x = x.unflatten(2, (-1, 2)).unflatten(1, (-1, 2)).permute(4, 2, 3, 1, 0, 5, 6)
    return x[0, 0], x[0, 1], x[1, 0], x[1, 1]


def _left(x: Tensor) -> Tensor:
    """Parts (n, 2h, 2w, rows, C) to left factors (frequency, 2·n·rows, 2·C) of the product."""
    rr, ri, ir, ii = _parts(x)
    w, h, n, rows, channels = rr.shape
    out = x.new_empty(w, h, 2, 2, n, rows, 2, channels)
    for sign, target in ((1, out[:, :, 0]), (-1, out[:, :, 1])):
        real, imaginary = target[:, :, 0], target[:, :, 1]
        torch.sub(rr, ii, alpha=sign, out=real[..., 0, :])
        torch.add(ir, ri, alpha=sign, out=imaginary[..., 0, :])
        torch.neg(imaginary[..., 0, :], out=real[..., 1, :])
        imaginary[..., 1, :].copy_(real[..., 0, :])
    return out.view(w * h * 2, 2 * n * rows, 2 * channels)


def _right(x: Tensor) -> Tensor:
    """Parts (n, 2h, 2w, rows, C) to the complex spectrum (frequency, 2·n·rows, C), re before im."""
    rr, ri, ir, ii = _parts(x)
    w, h, n, rows, channels = rr.shape
    out = x.new_empty(w, h, 2, 2, n, rows, channels)
    for sign, target in ((1, out[:, :, 0]), (-1, out[:, :, 1])):
        torch.sub(rr, ii, alpha=sign, out=target[:, :, 0])
        torch.add(ir, ri, alpha=sign, out=target[:, :, 1])
    return out.view(w * h * 2, 2 * n * rows, channels)


def _back(spectrum: Tensor, w: int) -> Tensor:
    """A complex spectrum (frequency, 2·rows, C) to twice its parts (2w, 2h, rows, C)."""
    y = spectrum.unflatten(1, (2, -1)).unflatten(0, (w, -1, 2))
    plus, minus = y[:, :, 0], y[:, :, 1]
    out = y.new_empty(w, 2, y.shape[1], 2, *y.shape[4:])
    torch.add(plus[:, :, 0], minus[:, :, 0], out=out[:, 0, :, 0])
    torch.sub(minus[:, :, 0], plus[:, :, 0], out=out[:, 1, :, 1])
    torch.add(plus[:, :, 1], minus[:, :, 1], out=out[:, 1, :, 0])
    torch.sub(plus[:, :, 1], minus[:, :, 1], out=out[:, 0, :, 1])
    return out.flatten(0, 1).flatten(1, 2)


def _groups(wide: Side, bytes_each: int) -> Iterator[tuple[int, int]]:
    """First and last (exclusive) of each group of frequencies along w."""
    total, group = wide.size // 2 + 1, max(1, WORKSPACE // bytes_each)
    return ((first, min(first + group, total)) for first in range(0, total, group))


def kernel_spectrum(weight: Tensor, cut: Cut) -> list[Tensor]:
    """Right factors (frequency, 2·C, O) of the weights (O,C,kh,kw), for `correlate`.

    One tensor for each group of frequencies along w, for large blocks of memory are slow to get.
    """
    high, wide = cut
    out, channels, kh, kw = weight.shape
    # Two transpositions of matrices, because one of four axes takes three times as long.
    taps = weight.reshape(out * channels, kh * kw).t().contiguous()
    taps = taps.view(kh, kw, out, channels).transpose(2, 3).contiguous()
    columns = _along(_analysis(wide.size, 0, -1, kw, weight.device), taps)[None]
    matrix = _analysis(high.size, 0, -1, kh, weight.device)
    each = 16 * (high.size // 2 + 1) * channels * (out + 2 * BAND)
    return [
        _right(_along(matrix, columns[:, :, 2 * first : 2 * last]))
        for first, last in _groups(wide, each)
    ]


def correlate(x: Tensor, spectrum: list[Tensor], cut: Cut) -> Tensor:
    """Same-padded correlation of (N,C,H,W) with the weights behind `spectrum`.

    Args:
        x: (N,C,H,W) float32.
        spectrum: of the weights, from `kernel_spectrum` with the same cut.
        cut: of H and W.

    Returns:
        (N,O,H,W) float32, channels last in memory.
    """
    high, wide = cut
    y = x.new_empty(len(x), high.length, wide.length, spectrum[0].shape[2])
    bands = min(high.count, math.ceil(high.count * wide.count * len(x) / BAND))
    for band in range(bands):
        first, last = (high.count * edge // bands for edge in (band, band + 1))
        _correlate_band(x, spectrum, cut, range(first, last), y)
    return y.permute(0, 3, 1, 2)


def _correlate_band(x: Tensor, spectrum: list[Tensor], cut: Cut, band: range, y: Tensor) -> None:
    """Write the outputs of the tile rows `band` to `y`, (N,H,W,O)."""
    high, wide = cut
    columns = _along_w(tile_rows(pad(x, cut, band), wide.inputs), wide.inputs)
    parts = _multiply(stack_tiles(columns, high.inputs), spectrum, cut)
    del columns  # as large as the band, and so is what comes now
    tiles = _along(_synthesis(wide.size, 1, wide.valid, x.device) / 2, parts.transpose(0, 1))
    tiles = tiles.unflatten(2, (len(band), len(x), wide.count))
    join_tiles(tiles, y[:, band.start * high.valid : band.stop * high.valid], cut)


def _along_w(rows: Tensor, wide: Reading) -> Tensor:
    """Transform (H, wide.read, rows, C) to (H, 2w, rows, C)."""
    return _along(_read_matrix(wide, rows.device), rows)


def _multiply(columns: Tensor, spectrum: list[Tensor], cut: Cut) -> Tensor:
    """Tiles (n, h, 2w, rows, C), transformed along w, to (2w, valid h, n·rows, O)."""
    high = cut[0]
    n, _, frequencies, rows, _ = columns.shape
    matrix = _read_matrix(high.inputs, columns.device)
    inverse = _synthesis(high.size, 1, high.valid, columns.device)
    out = columns.new_empty(frequencies, high.valid, n * rows, spectrum[0].shape[2])
    first = 0
    for right in spectrum:
        last = first + len(right) // (high.size + 1)
        left = _left(_along(matrix, columns[:, :, 2 * first : 2 * last]))
        parts = _back(torch.bmm(left, right), last - first)
        _along(inverse, parts, out=out[2 * first : 2 * last])
        first = last
    return out


def kernel_gradient(x: Tensor, grad: Tensor, cut: Cut) -> Tensor:
    """Gradient (O,C,kh,kw) of the weights, from x (N,C,H,W) and the output's gradient (N,O,H,W)."""
    high, wide = cut
    whole = range(high.count)
    x = _along_w(tile_rows(pad(x, cut, whole), wide.inputs), wide.inputs)
    x = stack_tiles(x, high.inputs)
    grad = pad(grad, cut, whole, outputs=True)
    grad = stack_tiles(_along_w(tile_rows(grad, wide.outputs), wide.outputs), high.outputs)
    n, _, frequencies, rows, channels = x.shape
    matrices = [_read_matrix(reading, x.device) for reading in (high.inputs, high.outputs)]
    inverse = _synthesis(high.size, -1, high.kernel, x.device)
    out = x.new_empty(frequencies, high.kernel, channels, grad.shape[4])
    for first, last in _groups(wide, 16 * high.size * n * rows * channels):
        part = slice(2 * first, 2 * last)
        left = _left(_along(matrices[0], x[:, :, part]))
        right = _right(_along(matrices[1], grad[:, :, part]))
        product = torch.bmm(left.transpose(1, 2), right)
        _along(inverse, _back(product, last - first), out=out[part])
    y = _along(_synthesis(wide.size, -1, wide.kernel, x.device) / 2, out.transpose(0, 1))
    return y.permute(3, 2, 0, 1)

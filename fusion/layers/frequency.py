"""Convolution with large kernels in the frequency domain: the mechanics of `large_kernel`.

At each frequency of the tiles (`fusion.layers.dft`) the convolution is one complex product of
matrices over the channels, tiles × C by C × O.

Frequencies along w are worked on in groups, so that the spectrum of a group stays in the cache.
"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from fusion.layers.dft import (
    along,
    along_w,
    analysis,
    complex_analysis,
    parts_of,
    product,
    read_matrix,
    spectrum_of,
    synthesis,
)
from fusion.layers.tiles import (
    Cut,
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


def _groups(wide: Side, bytes_each: int) -> Iterator[tuple[int, int]]:
    """First and last (exclusive) of each group of frequencies along w."""
    total, group = wide.size // 2 + 1, max(1, WORKSPACE // bytes_each)
    return ((first, min(first + group, total)) for first in range(0, total, group))


def kernel_spectrum(weight: Tensor, cut: Cut) -> list[Tensor]:
    """Spectrum (re/im, frequency, C, O) of the weights (O,C,kh,kw), for `correlate`.

    One tensor for each group of frequencies along w, for large blocks of memory are slow to get.
    """
    high, wide = cut
    out, channels, kh, kw = weight.shape
    # Two transpositions, because one of four axes takes three times as long.
    taps = weight.reshape(out * channels, kh * kw).t().contiguous()
    taps = taps.view(kh, kw, out, channels).permute(1, 0, 3, 2).reshape(kw, -1)
    columns = analysis(wide.size, 0, -1, kw, weight.device) @ taps
    columns = columns.view(-1, 2 * kh, channels * out)
    matrices = complex_analysis(high.size, -1, kh, weight.device)
    each = 16 * (high.size // 2 + 1) * channels * (out + 2 * BAND)
    groups = []
    for first, last in _groups(wide, each):
        group = weight.new_empty(2, last - first, high.size + 1, channels * out)
        for matrix, plane in zip(matrices, group, strict=True):
            torch.bmm(matrix.expand(last - first, -1, -1), columns[first:last], out=plane)
        groups.append(group.view(2, -1, channels, out))
    return groups


def correlate(
    x: Tensor, spectrum: list[Tensor], cut: Cut, kept: list[Tensor] | None = None
) -> Tensor:
    """Same-padded correlation of (N,C,H,W) with the weights behind `spectrum`.

    Args:
        x: (N,C,H,W) float32.
        spectrum: of the weights, from `kernel_spectrum` with the same cut.
        cut: of H and W.
        kept: gets the spectra of the tiles, for `gradients`, where each image is one tile.

    Returns:
        (N,O,H,W) float32, channels last in memory.
    """
    high, wide = cut
    y = x.new_empty(len(x), high.length, wide.length, spectrum[0].shape[3])
    bands = min(high.count, math.ceil(high.count * wide.count * len(x) / BAND))
    for band in range(bands):
        first, last = (high.count * edge // bands for edge in (band, band + 1))
        _correlate_band(x, spectrum, cut, range(first, last), y, kept)
    return y.permute(0, 3, 1, 2)


def _correlate_band(
    x: Tensor, spectrum: list[Tensor], cut: Cut, band: range, y: Tensor, kept: list[Tensor] | None
) -> None:
    """Write the outputs of the tile rows `band` to `y`, (N,H,W,O)."""
    high, wide = cut
    columns = along_w(tile_rows(pad(x, cut, band), wide.inputs), wide.inputs)
    parts = _multiply(stack_tiles(columns, high.inputs), spectrum, cut, kept)
    del columns  # as large as the band, and so is what comes now
    tiles = along(synthesis(wide.size, 1, wide.valid, x.device) / 2, parts.transpose(0, 1))
    tiles = tiles.unflatten(2, (len(band), len(x), wide.count))
    join_tiles(tiles, y[:, band.start * high.valid : band.stop * high.valid], cut)


def _multiply(
    columns: Tensor, spectrum: list[Tensor], cut: Cut, kept: list[Tensor] | None
) -> Tensor:
    """Tiles (n, h, 2w, rows, C), transformed along w, to (2w, valid h, n·rows, O)."""
    high = cut[0]
    n, _, frequencies, rows, _ = columns.shape
    matrix = read_matrix(high.inputs, columns.device)
    inverse = synthesis(high.size, 1, high.valid, columns.device)
    out = columns.new_empty(frequencies, high.valid, n * rows, spectrum[0].shape[3])
    first = 0
    for weights in spectrum:
        last = first + weights.shape[1] // (high.size + 1)
        tiles = spectrum_of(along(matrix, columns[:, :, 2 * first : 2 * last]))
        if kept is not None:
            kept.append(tiles)
        parts = parts_of(product(tiles, weights), last - first)
        along(inverse, parts, out=out[2 * first : 2 * last])
        first = last
    return out


def kernel_gradient(x: Tensor, grad: Tensor, cut: Cut) -> Tensor:
    """Gradient (O,C,kh,kw) of the weights, from x (N,C,H,W) and the output's gradient (N,O,H,W)."""
    high, wide = cut
    whole = range(high.count)
    x = along_w(tile_rows(pad(x, cut, whole), wide.inputs), wide.inputs)
    x = stack_tiles(x, high.inputs)
    grad = pad(grad, cut, whole, outputs=True)
    grad = stack_tiles(along_w(tile_rows(grad, wide.outputs), wide.outputs), high.outputs)
    n, _, frequencies, rows, channels = x.shape
    matrices = [read_matrix(reading, x.device) for reading in (high.inputs, high.outputs)]
    inverse = synthesis(high.size, -1, high.kernel, x.device)
    out = x.new_empty(frequencies, high.kernel, channels, grad.shape[4])
    for first, last in _groups(wide, 16 * high.size * n * rows * channels):
        part = slice(2 * first, 2 * last)
        left = spectrum_of(along(matrices[0], x[:, :, part])).transpose(2, 3)
        right = spectrum_of(along(matrices[1], grad[:, :, part]))
        along(inverse, parts_of(product(left, right, conjugate=True), last - first), out=out[part])
    return taps_of(out, wide)


def taps_of(x: Tensor, wide: Side) -> Tensor:
    """Undo the transform along w of the weights' gradient, (2w, kh, C, O) to (O,C,kh,kw)."""
    y = along(synthesis(wide.size, -1, wide.kernel, x.device) / 2, x.transpose(0, 1))
    return y.permute(3, 2, 0, 1)

"""Discrete Fourier transforms of tiles as products with small real matrices.

This leaves the data in the layout that the next step wants and runs at the speed of matrix
products on any device.

A real tile is transformed along w, then along h, each time to the real and imaginary parts of
its `size // 2 + 1` non-redundant frequencies. The four products of these parts (re/im along w
times re/im along h) give by sums and differences the complex spectrum at the frequencies (w, +h)
and (w, −h).
"""

import math
from functools import lru_cache

import torch
from torch import Tensor

from fusion.layers.tiles import Reading


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
def synthesis(size: int, step: int, count: int, device: torch.device) -> Tensor:
    """Inverse of `analysis` for an odd `size` and `first` 0: (count, 2·frequencies)."""
    weight = torch.full((2 * (size // 2 + 1),), 2 / size, device=device)
    weight[:2] = 1 / size
    return (analysis(size, 0, step, count, device).t() * weight).contiguous()


@lru_cache(maxsize=256)
def complex_analysis(size: int, step: int, count: int, device: torch.device) -> Tensor:
    """DFT matrix of complex samples for the frequencies +f and −f by turns, each re before im.

    (2·2·frequencies, 2·count): its columns take all real parts, then all imaginary ones.
    """
    cos, minus_sin = analysis(size, 0, step, count, device).unflatten(0, (-1, 2)).unbind(1)
    signs = [
        torch.stack((torch.cat((cos, -s * minus_sin), 1), torch.cat((s * minus_sin, cos), 1)), 1)
        for s in (1, -1)
    ]
    return torch.stack(signs, 1).flatten(0, 2)


def along(matrix: Tensor, x: Tensor, out: Tensor | None = None) -> Tensor:
    """Multiply (batch, length, ...) along its axis 1."""
    y = torch.bmm(
        matrix.expand(len(x), -1, -1), x.flatten(2), out=None if out is None else out.flatten(2)
    )
    return y.view(len(x), -1, *x.shape[2:])


def read_matrix(reading: Reading, device: torch.device) -> Tensor:
    """`analysis` of the samples that `reading` reads."""
    return analysis(reading.size, reading.first, 1, reading.read, device)


def _parts(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Views rr, ri, ir, ii (w before h), each (w, h, n, rows, C), of (n, 2h, 2w, rows, C)."""
    x = x.unflatten(2, (-1, 2)).unflatten(1, (-1, 2)).permute(4, 2, 3, 1, 0, 5, 6)
    return x[0, 0], x[0, 1], x[1, 0], x[1, 1]


def left_factors(x: Tensor) -> Tensor:
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


def right_factors(x: Tensor) -> Tensor:
    """Parts (n, 2h, 2w, rows, C) to the complex spectrum (frequency, 2·n·rows, C), re before im."""
    rr, ri, ir, ii = _parts(x)
    w, h, n, rows, channels = rr.shape
    out = x.new_empty(w, h, 2, 2, n, rows, channels)
    for sign, target in ((1, out[:, :, 0]), (-1, out[:, :, 1])):
        torch.sub(rr, ii, alpha=sign, out=target[:, :, 0])
        torch.add(ir, ri, alpha=sign, out=target[:, :, 1])
    return out.view(w * h * 2, 2 * n * rows, channels)


def parts_of(spectrum: Tensor, w: int) -> Tensor:
    """A complex spectrum (frequency, 2·rows, C) to twice its parts (2w, 2h, rows, C)."""
    y = spectrum.unflatten(1, (2, -1)).unflatten(0, (w, -1, 2))
    plus, minus = y[:, :, 0], y[:, :, 1]
    out = y.new_empty(w, 2, y.shape[1], 2, *y.shape[4:])
    torch.add(plus[:, :, 0], minus[:, :, 0], out=out[:, 0, :, 0])
    torch.sub(minus[:, :, 0], plus[:, :, 0], out=out[:, 1, :, 1])
    torch.add(plus[:, :, 1], minus[:, :, 1], out=out[:, 1, :, 0])
    torch.sub(plus[:, :, 1], minus[:, :, 1], out=out[:, 0, :, 1])
    return out.flatten(0, 1).flatten(1, 2)


def along_w(rows: Tensor, wide: Reading) -> Tensor:
    """Transform (H, wide.read, rows, C) to (H, 2w, rows, C)."""
    return along(read_matrix(wide, rows.device), rows)

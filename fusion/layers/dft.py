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
def synthesis(size: int, step: int, count: int, device: torch.device, first: int = 0) -> Tensor:
    """Inverse of `analysis` for an odd `size`: (count, 2·frequencies)."""
    weight = torch.full((2 * (size // 2 + 1),), 2 / size, device=device)
    weight[:2] = 1 / size
    return (analysis(size, first, step, count, device).t() * weight).contiguous()


@lru_cache(maxsize=256)
def complex_analysis(size: int, step: int, count: int, device: torch.device) -> tuple[Tensor, ...]:
    """DFT matrices of complex samples for the frequencies +f and −f by turns: to re, and to im.

    Each (2·frequencies, 2·count): its columns take all real parts, then all imaginary ones.
    """
    cos, minus_sin = analysis(size, 0, step, count, device).unflatten(0, (-1, 2)).unbind(1)
    signs = torch.tensor((1.0, -1.0), device=device)[:, None]
    sin, cos = signs * -minus_sin[:, None], cos[:, None].expand(-1, 2, -1)
    return torch.cat((cos, sin), 2).flatten(0, 1), torch.cat((-sin, cos), 2).flatten(0, 1)


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


def spectrum_of(x: Tensor) -> Tensor:
    """Parts (n, 2h, 2w, rows, C) to the complex spectrum (re/im, frequency, n·rows, C)."""
    rr, ri, ir, ii = _parts(x)
    w, h, n, rows, channels = rr.shape
    out = x.new_empty(2, w, h, 2, n, rows, channels)
    for index, sign in enumerate((1, -1)):
        torch.sub(rr, ii, alpha=sign, out=out[0, :, :, index])
        torch.add(ir, ri, alpha=sign, out=out[1, :, :, index])
    return out.view(2, w * h * 2, n * rows, channels)


def product(x: Tensor, y: Tensor, conjugate: bool = False) -> Tensor:
    """Complex x·y, or conj(x)·y, of two stacks of matrices, (re/im, frequency, ...) each.

    Four products of real matrices that add up within the library's own loop; three and more sums
    take longer.
    """
    sign = -1 if conjugate else 1
    out = x.new_empty(2, x.shape[1], x.shape[2], y.shape[3])
    torch.bmm(x[0], y[0], out=out[0]).baddbmm_(x[1], y[1], alpha=-sign)
    torch.bmm(x[0], y[1], out=out[1]).baddbmm_(x[1], y[0], alpha=sign)
    return out


def parts_of(spectrum: Tensor, w: int) -> Tensor:
    """A complex spectrum (re/im, frequency, rows, C) to twice its parts (2w, 2h, rows, C)."""
    real, imaginary = spectrum.unflatten(1, (w, -1, 2))
    out = real.new_empty(w, 2, real.shape[1], 2, *real.shape[3:])
    torch.add(real[:, :, 0], real[:, :, 1], out=out[:, 0, :, 0])
    torch.sub(real[:, :, 1], real[:, :, 0], out=out[:, 1, :, 1])
    torch.add(imaginary[:, :, 0], imaginary[:, :, 1], out=out[:, 1, :, 0])
    torch.sub(imaginary[:, :, 0], imaginary[:, :, 1], out=out[:, 0, :, 1])
    return out.flatten(0, 1).flatten(1, 2)


def along_w(rows: Tensor, wide: Reading) -> Tensor:
    """Transform (H, wide.read, rows, C) to (H, 2w, rows, C)."""
    return along(read_matrix(wide, rows.device), rows)

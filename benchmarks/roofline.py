"""What the machine can do, and which of its bounds each part of a large-kernel layer is near."""

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.measure import Row, arguments, interleaved, save
from fusion.layers import dft, frequency
from fusion.layers.tiles import Cut, cheapest, join_tiles, pad, stack_tiles, tile_rows


def peak(tiny: bool) -> tuple[float, float]:
    """Best of two libraries' large float32 products, FLOP/s, and a copy's bandwidth, bytes/s."""
    n = 256 if tiny else 4096
    a, b = torch.randn(2, n, n)
    image, weight = a.view(1, n, n, 1), b[: n // 4].reshape(n // 4, n, 1, 1)
    matmul, conv = interleaved(3, lambda: a @ b, lambda: F.conv2d(image, weight))
    source = torch.randn(n * n * 4)
    target = torch.empty_like(source)
    (copy,) = interleaved(5, lambda: target.copy_(source))
    flops = max(2 * n**3 / matmul.seconds, n**3 / 2 / conv.seconds)
    return flops, 8 * source.numel() / copy.seconds


class Part(NamedTuple):
    """One step of a layer: what it runs `times` times, reads, and multiplies and adds."""

    name: str
    run: Callable[[], Tensor | list[Tensor] | None]
    reads: list[Tensor]
    inner: float = 0
    """Products summed for each number it writes."""
    times: float = 1


def forth(x: Tensor, cut: Cut, count: int) -> tuple[list[Part], Tensor]:
    """Parts from the image to the spectrum of `count` frequencies along w, and this."""
    high, wide = cut
    groups = (wide.size // 2 + 1) / count

    def gather() -> Tensor:
        return tile_rows(pad(x, cut, range(high.count)), wide.inputs)

    rows = gather()
    columns = stack_tiles(dft.along_w(rows, wide.inputs), high.inputs)[:, :, : 2 * count]
    matrix = dft.read_matrix(high.inputs, x.device)
    both = dft.along(matrix, columns)
    return [
        Part("gather tiles", gather, [x]),
        Part("DFT along w", lambda: dft.along_w(rows, wide.inputs), [rows], wide.size),
        Part("DFT along h", lambda: dft.along(matrix, columns), [columns], high.size, groups),
        Part("sums to complex", lambda: dft.spectrum_of(both), [both], times=groups),
    ], dft.spectrum_of(both)


def back(spectrum: Tensor, cut: Cut, count: int) -> list[Part]:
    """Parts from the spectrum of `count` frequencies along w to the image."""
    high, wide = cut
    groups = (wide.size // 2 + 1) / count
    both = dft.parts_of(spectrum, count)
    columns = both.new_ones(wide.size + 1, high.valid, *both.shape[2:]).transpose(0, 1)
    along_h, along_w = (dft.synthesis(side.size, 1, side.valid, both.device) for side in cut)
    tiles = dft.along(along_w, columns).unflatten(2, (high.count, 1, wide.count))
    y = both.new_empty(1, high.length, wide.length, both.shape[-1])
    return [
        Part("sums from complex", lambda: dft.parts_of(spectrum, count), [spectrum], times=groups),
        Part("inverse along h", lambda: dft.along(along_h, both), [both], high.size + 1, groups),
        Part("inverse along w", lambda: dft.along(along_w, columns), [columns], wide.size + 1),
        Part("put tiles together", lambda: join_tiles(tiles, y, cut), [tiles, y]),
    ]


def parts(channels: int, size: int) -> list[Part]:
    """All parts of a dense 15×15 layer, one band of tiles, in their order."""
    cut = cheapest(1, (size, size), channels, channels, (15, 15))
    high, wide = cut
    weight = torch.randn(channels, channels, 15, 15)
    x = torch.randn(1, channels, size, size).contiguous(memory_format=torch.channels_last)
    spectrum = frequency.kernel_spectrum(weight, cut)
    count = spectrum[0].shape[1] // (high.size + 1)
    before, tiles = forth(x, cut, count)
    # 15 for each of 15 rows along w, then 30 along h, where size + 1 times as many are written.
    inner = 30 + 15 * 15 / (high.size + 1)
    return [
        Part("transform of weights", lambda: frequency.kernel_spectrum(weight, cut), [weight],
             inner),
        *before,
        Part("product over channels", lambda: dft.product(tiles, spectrum[0]),
             [tiles, spectrum[0]], 2 * channels, (wide.size // 2 + 1) / count),
        *back(dft.product(tiles, spectrum[0]), cut, count),
    ]  # fmt: skip


def row(part: Part, flops: float, bandwidth: float, runs: int) -> Row:
    """Its time, and which of the machine's two peaks it comes nearer."""
    ((seconds, result),) = interleaved(runs, part.run)
    outputs = [] if result is None else result if isinstance(result, list) else [result]
    written = sum(tensor.numel() for tensor in outputs)
    moved = 4 * (written + sum(tensor.numel() for tensor in part.reads))
    arithmetic = 2 * part.inner * written / flops / seconds
    memory = moved / bandwidth / seconds
    bound = "arithmetic" if arithmetic > memory else "memory"
    return {"what": part.name, "ms": 1e3 * part.times * seconds, "share_of_peak": arithmetic,
            "share_of_bandwidth": memory, "bound": bound}  # fmt: skip


def main() -> None:
    given = arguments(__doc__, runs=5)
    flops, bandwidth = peak(given.tiny)
    rows: list[Row] = [{"what": "machine", "GFLOP/s": flops / 1e9, "GB/s": bandwidth / 1e9}]
    for part in parts(*((8, 64) if given.tiny else (128, 256))):
        rows.append(row(part, flops, bandwidth, given.runs))
    note = (
        "parts of a 128→128, 15×15 layer at 256×256 as shares of the machine's peaks; "
        "more than its bandwidth is the cache's"
    )
    save("roofline", rows, note, given.runs, given.tiny)


if __name__ == "__main__":
    main()

"""What the machine can do, and which of its bounds each part of a large-kernel layer is near."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.measure import Row, arguments, interleaved, save
from fusion import large_kernel_dft as dft
from fusion import large_kernel_frequency as frequency
from fusion.large_kernel_tiles import cheapest, pad, stack_tiles, tile_rows


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


def parts(channels: int, size: int, runs: int) -> list[tuple[str, float, float, float]]:
    """Name, seconds, FLOPs and bytes moved of each part of a 15×15 layer; one band of tiles."""
    cut = cheapest(1, (size, size), channels, channels, (15, 15))
    high, wide = cut
    weight = torch.randn(channels, channels, 15, 15)
    x = torch.randn(1, channels, size, size).contiguous(memory_format=torch.channels_last)
    rows = tile_rows(pad(x, cut, range(high.count)), wide.inputs)
    columns = stack_tiles(dft.along_w(rows, wide.inputs), high.inputs)
    spectrum = frequency.kernel_spectrum(weight, cut)
    group = columns[:, :, : 2 * (len(spectrum[0]) // (high.size + 1))]
    matrix = dft.read_matrix(high.inputs, x.device)
    inverse = dft.synthesis(high.size, 1, high.valid, x.device)
    both = dft.along(matrix, group)
    left = dft.left_factors(both)
    product = torch.bmm(left, spectrum[0])
    groups = (wide.size // 2 + 1) / (group.shape[2] // 2)
    back = dft.parts_of(product, group.shape[2] // 2)

    def part(
        name: str, times: float, run: Callable[[], Tensor], inputs: list[Tensor], inner: int = 0
    ) -> tuple[str, float, float, float]:
        (timed,) = interleaved(runs, run)
        outputs = timed.result.numel()
        moved = 4 * (sum(t.numel() for t in inputs) + outputs)
        return name, times * timed.seconds, times * 2 * inner * outputs, times * moved

    return [
        part("gather tiles", 1,
             lambda: tile_rows(pad(x, cut, range(high.count)), wide.inputs), [x]),
        part("DFT along w", 1, lambda: dft.along_w(rows, wide.inputs), [rows], wide.size),
        part("DFT along h", groups, lambda: dft.along(matrix, group), [group], high.size),
        part("sums to complex", groups, lambda: dft.left_factors(both), [both]),
        part("product over channels", groups, lambda: torch.bmm(left, spectrum[0]),
             [left, spectrum[0]], 2 * channels),
        part("sums from complex", groups,
             lambda: dft.parts_of(product, group.shape[2] // 2), [product]),
        part("inverse along h", groups, lambda: dft.along(inverse, back), [back],
             high.size + 1),
    ]  # fmt: skip


def main() -> None:
    given = arguments(__doc__, runs=5)
    flops, bandwidth = peak(given.tiny)
    rows: list[Row] = [{"what": "machine", "GFLOP/s": flops / 1e9, "GB/s": bandwidth / 1e9}]
    for name, seconds, work, moved in parts(*((8, 64) if given.tiny else (128, 256)), given.runs):
        arithmetic, memory = work / flops / seconds, moved / bandwidth / seconds
        bound = "arithmetic" if arithmetic > memory else "memory"
        rows.append({"what": name, "ms": 1e3 * seconds, "share_of_peak": arithmetic,
                     "share_of_bandwidth": memory, "bound": bound})  # fmt: skip
    note = "parts of a 128→128, 15×15 layer at 256×256 as shares of the machine's peaks"
    save("roofline", rows, note, given.runs, given.tiny)


if __name__ == "__main__":
    main()

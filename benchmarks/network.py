"""Forward pass of the whole LKC-FUNet (41 M parameters), one pair of images."""

import torch

from benchmarks.measure import arguments, compare, interleaved, relative_error, save
from benchmarks.networks import pair

SIZES = {(256, 256): 3, (480, 640): 1}
"""Sizes and the runs they get by default: the released version takes 60 to 270 s at the last."""


def main() -> None:
    given = arguments(__doc__, runs=0)
    sizes = {(32, 32): 1} if given.tiny else SIZES
    released, ours = (network.eval() for network in pair(given.tiny))
    rows = []
    with torch.inference_mode():
        for (height, width), runs in sizes.items():
            x = torch.rand(1, 2, height, width)
            plain, fast = interleaved(
                given.runs or runs, lambda x=x: released(x), lambda x=x: ours(x)
            )
            error = relative_error(fast.result, plain.result)
            row = compare(f"{height}×{width}", plain, fast, error)
            rows.append(row | {"runs": given.runs or runs})
            if not given.tiny and torch.ops.mkldnn._is_mkldnn_bf16_supported():
                rows.append(_bf16(ours, x, given.runs or runs))
    note = "seconds a pair; the error is against the direct version in float32"
    save("network", rows, note, given.runs, given.tiny)


def _bf16(ours: torch.nn.Module, x: torch.Tensor, runs: int) -> dict[str, object]:
    """The same under bf16 autocast; its ratio is to our float32.

    A CPU that has to emulate it takes ten times as long.
    """

    def half() -> torch.Tensor:
        with torch.autocast(x.device.type, torch.bfloat16):
            return ours(x)

    plain, fast = interleaved(runs, lambda: ours(x), half)
    error = relative_error(fast.result, plain.result)
    row = compare(f"{x.shape[2]}×{x.shape[3]}, bf16 against float32", plain, fast, error)
    decibel = -20 * torch.tensor(error).log10().item()
    return row | {"runs": runs, "signal_to_error_dB": decibel}


if __name__ == "__main__":
    main()

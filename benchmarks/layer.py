"""One dense large-kernel layer, 128 to 128 channels, 15×15 at 256×256: direct against frequency."""

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.measure import arguments, compare, interleaved, relative_error, save
from fusion.layers import spectra
from fusion.layers.large_kernel import LargeKernelConv2d


def first_image(layer: LargeKernelConv2d, x: Tensor) -> Tensor:
    """The output as a layer gives it that has seen no image before."""
    spectra.forget()
    return layer(x)


def main() -> None:
    given = arguments(__doc__, runs=9)
    channels, size = (8, 48) if given.tiny else (128, 256)
    direct = LargeKernelConv2d(channels, channels, 15, conv="direct").eval()
    ours = LargeKernelConv2d(channels, channels, 15, conv="frequency").eval()
    ours.load_state_dict(direct.state_dict())
    x = torch.randn(1, channels, size, size)
    with torch.inference_mode():
        before, first, after = interleaved(
            given.runs, lambda: direct(x), lambda: first_image(ours, x), lambda: ours(x)
        )
        # float64 takes minutes at full size; a corner sees all taps and channels.
        corner = x[:, :, :40, :40].double()
        weight, bias = direct.weight.double(), direct.bias.double()
        truth = F.conv2d(corner, weight, bias, padding=7)[:, :, :33, :33]
        error = relative_error(after.result[:, :, :33, :33], truth)
    what = f"{channels}→{channels}, 15×15, {size}×{size}"
    rows = [
        compare(f"{what}, first image", before, first, error),
        compare(f"{what}, each further one", before, after, error),
    ]
    note = "seconds of one forward pass; the first transforms the weights, which is kept"
    save("layer", rows, note, given.runs, given.tiny)


if __name__ == "__main__":
    main()

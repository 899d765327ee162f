"""How the cost of a layer grows with the image and with the kernel, 64 to 64 channels."""

import torch

from benchmarks.layer import first_image
from benchmarks.measure import arguments, compare, interleaved, relative_error, save
from fusion.layers.large_kernel import LargeKernelConv2d

SIZES = (64, 128, 256, 512)
KERNELS = (5, 7, 11, 15, 21, 31)


def main() -> None:
    given = arguments(__doc__, runs=2)
    sizes, kernels, channels = ((16,), (5, 7), 4) if given.tiny else (SIZES, KERNELS, 64)
    rows = []
    with torch.inference_mode():
        for kernel in kernels:
            for size in sizes:
                x = torch.randn(1, channels, size, size)
                direct = LargeKernelConv2d(channels, channels, kernel, conv="direct").eval()
                ours = LargeKernelConv2d(channels, channels, kernel, conv="frequency").eval()
                ours.load_state_dict(direct.state_dict())
                # One direct pass of 31×31 at 512×512 is over 8 s on two cores.
                runs = 1 if kernel * size > 8192 else given.runs
                plain, fast = interleaved(
                    runs, lambda d=direct, x=x: d(x), lambda o=ours, x=x: first_image(o, x)
                )
                error = relative_error(fast.result, plain.result)
                row = compare(f"{kernel}×{kernel}, {size}×{size}", plain, fast, error)
                rows.append(row | {"kernel": kernel, "size": size})
    note = "seconds of a layer's first forward pass, transform of the weights included"
    save("growth", rows, note, given.runs, given.tiny)


if __name__ == "__main__":
    main()

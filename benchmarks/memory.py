"""Largest memory of forward passes of LKC-FUNet at 480×640, in a process of their own."""

import resource
import subprocess
import sys

import torch

from benchmarks.measure import arguments, save
from benchmarks.networks import SMALL
from fusion.methods.lkc_funet import LKCFUNet


def peak_mib() -> float:
    """Largest resident memory of this process so far, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    given = arguments(__doc__, runs=1)
    height, width = (32, 32) if given.tiny else (480, 640)
    # ru_maxrss of a fresh process, untouched by whatever ran before.
    code = f"from benchmarks import memory; memory.forward({height}, {width}, {given.tiny})"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    start, peak = (float(word) for word in run.stdout.split())
    row = {"what": f"{height}×{width}", "before_MiB": start, "peak_MiB": peak, "limit_MiB": 3072}
    note = "resident memory with the network loaded, and at its peak in three passes"
    save("memory", [row], note, given.runs, given.tiny)


def forward(height: int, width: int, tiny: bool) -> None:
    """Print resident MiB before and the largest after three forward passes."""
    from pipeline.stage import process

    process.set_up()
    ours = LKCFUNet(SMALL) if tiny else LKCFUNet()
    start = peak_mib()
    with torch.inference_mode():
        for _ in range(3):  # from then on no pass takes more than the one before
            ours.eval()(torch.rand(1, 2, height, width))
    print(start, peak_mib())


if __name__ == "__main__":
    main()

"""What computes fastest on the device here, and what it waits for.

`python -m benchmarks.gpu` runs on a GPU or, for comparison, on a CPU; on a GPU it writes its
section of docs/performance.md. The rows of layers are what `conv: auto` goes by
(`fusion.layers.large_kernel.GAIN`): where the ratio rises above 1, the frequency domain pays.
"""

import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, count
from pathlib import Path

import torch
from torch import nn

from benchmarks.measure import Row, Timed, arguments, compare, interleaved, machine, save
from benchmarks.networks import pair
from benchmarks.page import page
from benchmarks.run_all import PAGE
from benchmarks.segmentation import IMAGES, draw, params_of
from benchmarks.training import Step
from fusion.layers.large_kernel import LargeKernelConv2d
from pipeline.images.whole import write_text
from pipeline.training.ahead import ahead
from pipeline.training.devices import device, use_tf32
from pipeline.training.seeds import deterministic
from segmentation.data.augment import Augment
from segmentation.data.batches import Batch, Epochs
from segmentation.data.samples import input_images
from segmentation.model.loss import make_terms
from segmentation.model.networks import create

KINDS = {"float32": (False, None), "TF32": (True, None), "bf16": (False, torch.bfloat16)}
"""Whether products may be TF32, and autocast's type; TF32 is for GPUs alone."""


def finished(run: Callable[[], object]) -> Callable[[], object]:
    """`run`, and wait until the device has done it."""

    def whole() -> object:
        result = run()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        return result

    return whole


def as_kind(kind: str, run: Callable[[], object]) -> Callable[[], object]:
    """`run` in one of `KINDS`."""
    tf32, dtype = KINDS[kind]

    def whole() -> object:
        use_tf32(tf32)
        with torch.autocast(device().type, dtype, enabled=dtype is not None):
            return run()

    return finished(whole)


def kinds() -> list[str]:
    """Those of this device."""
    return [kind for kind, (tf32, _) in KINDS.items() if not tf32 or torch.cuda.is_available()]


def layers(runs: int, tiny: bool) -> Iterator[Row]:
    """Dense layers, direct and in the frequency domain, with the saving in multiplications."""
    shapes = [(1, 8, 15, 32)] if tiny else [
        (images, channels, kernel, size)
        for images, size in ((32, 64), (1, 256))
        for channels in (32, 128)
        for kernel in (5, 7, 11, 15)
    ]  # fmt: skip
    for images, channels, kernel, size in shapes:
        x = torch.randn(images, channels, size, size, device=device())
        x = x.contiguous(memory_format=torch.channels_last)
        direct, ours = (
            LargeKernelConv2d(channels, channels, kernel, conv=conv).to(device()).train()
            for conv in ("direct", "frequency")
        )
        for kind in kinds():
            times = interleaved(
                runs, as_kind(kind, lambda d=direct, x=x: d(x)),
                as_kind(kind, lambda o=ours, x=x: o(x)),
            )  # fmt: skip
            what = f"{channels}→{channels}, {kernel}×{kernel}, {images} of {size}×{size}, {kind}"
            row = compare(f"{what}: direct, frequency", *times)
            yield row | {"times_fewer_products": ours.gain(x)}


def fusion_steps(runs: int, tiny: bool) -> Iterator[Row]:
    """A training step of LKC-FUNet in each kind, against float32."""
    crops, size = (2, 32) if tiny else (32, 64)
    _, network = pair(tiny)
    vis, ir = torch.rand(2, crops, 1, size, size, device=device())
    step = Step(network.to(device()), vis, ir)
    for kind in kinds():
        times = interleaved(runs, as_kind("float32", step), as_kind(kind, step))
        yield compare(f"LKC-FUNet, {crops} crops of {size}×{size}: float32, {kind}", *times)


class SegmentationStep:
    """A step on the next of its batches."""

    def __init__(self, network: nn.Module, terms: Callable, batches: Iterator[Batch]) -> None:
        self.network, self.terms, self.batches = network, terms, batches
        self.optimizer = torch.optim.SGD(network.parameters(), lr=1e-3, momentum=0.9)

    def __call__(self) -> None:
        """As the stage's loop does it."""
        image, label = (one.to(device(), non_blocking=True) for one in next(self.batches))
        self.optimizer.zero_grad(set_to_none=True)
        loss = sum(self.terms(self.network(image.float() / 255), label).values())
        loss.backward()
        self.optimizer.step()


def segmentation_steps(runs: int, tiny: bool) -> Iterator[Row]:
    """DeepLabV3: batches made in the step and ahead of it, reproducibly and not, in each kind."""
    params = params_of("resnet18" if tiny else "resnet50", (32, 48) if tiny else (480, 640))
    draw(params)
    names = [str(index) for index in range(IMAGES)]
    images, chosen = input_images(params, "deeplabv3", "vis", names), params.segmentation
    network = create(chosen, 9, 0, images.statistics()).train()
    network = network.to(device(), memory_format=torch.channels_last)  # type: ignore[call-overload]
    terms = make_terms(chosen, images.class_pixels(), device())

    def batches() -> Iterator[Batch]:
        return chain.from_iterable(map(Epochs(images, Augment(chosen, 0), 0).epoch, count()))

    within = SegmentationStep(network, terms, batches())
    early = SegmentationStep(network, terms, ahead(batches()))
    what = f"DeepLabV3, 4 images of {chosen.size[0]}×{chosen.size[1]}"
    deterministic(False)
    times = interleaved(runs, as_kind("float32", within), as_kind("float32", early))
    yield compare(f"{what}: batches in the step, ahead of it", *times)
    (alone,) = interleaved(runs, partial(next, batches()))
    yield {"what": f"{what}: a batch alone", "after_s": alone.seconds}
    for kind in kinds()[1:]:
        times = interleaved(runs, as_kind("float32", early), as_kind(kind, early))
        yield compare(f"{what}: float32, {kind}", *times)
    yield compare(f"{what}: reproducible, whichever is fastest", *_choices(runs, early))
    yield {"what": f"{what}: times that a step waits for the device", "times": waits(early)}


def _choices(runs: int, step: Callable[[], object]) -> list[Timed]:
    """A step with deterministic algorithms and without."""
    found = []
    for wanted in (True, False):
        deterministic(wanted)
        found += interleaved(runs, as_kind("float32", step))
    deterministic()
    return found


def waits(step: Callable[[], object]) -> int | None:
    """How often a step waits for the device, as PyTorch's debug mode tells; None on a CPU."""
    if not torch.cuda.is_available():
        return None
    step()
    torch.cuda.set_sync_debug_mode("warn")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        step()
    torch.cuda.set_sync_debug_mode("default")
    return sum("synchroniz" in str(one.message) for one in told)


def main() -> None:
    given = arguments(__doc__, runs=5)
    here, rows = Path.cwd(), list[Row]()
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        for part in (layers, fusion_steps, segmentation_steps):
            rows += part(given.runs, given.tiny)
        os.chdir(here)
    on_gpu = torch.cuda.is_available()
    name = torch.cuda.get_device_name() if on_gpu else "the CPU"
    note = f"seconds on {name}, before and after the comma of the first column"
    save("gpu", rows, note, given.runs, given.tiny)
    if on_gpu and not given.tiny:
        result = {"note": note, "runs": given.runs, "machine": machine(), "rows": rows}
        write_text(PAGE, page(PAGE.read_text(encoding="utf-8"), {"gpu": result}))


if __name__ == "__main__":
    main()

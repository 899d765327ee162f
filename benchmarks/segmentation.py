"""A training step of DeepLabV3: a plain loop against the project's, data side included."""

import os
import tempfile
from itertools import chain, count, cycle
from pathlib import Path

import numpy as np
import torch

from benchmarks.measure import Row, arguments, compare, interleaved, save
from pipeline.images.pixels import write_png
from pipeline.params import DataParams, FusionParams, MethodSpec, Params, SegmentationParams
from segmentation.data.augment import Augment
from segmentation.data.batches import Batch, Epochs, collate
from segmentation.data.resize import resize_image, resize_label
from segmentation.data.samples import (
    TrainImages,
    input_images,
    read_sample,
)
from segmentation.model.dilation import PhasedConv2d
from segmentation.model.loss import make_terms
from segmentation.model.networks import create

IMAGES = 16


def draw(params: Params) -> None:
    """Smooth random images of MSRS' size with their labels, in the working directory."""
    random = np.random.default_rng(0)
    for index in range(IMAGES):
        coarse = random.integers(0, 256, (30, 40, 3), dtype=np.uint8)
        image = coarse.repeat(16, 0).repeat(16, 1)
        write_png(Path(f"artifacts/fused/vis/train/{index}.png"), image)
        label = (image[..., 0] % 9).astype(np.uint8)
        write_png(params.data.directory / "train" / "label" / f"{index}.png", label)


def use_library(network: torch.nn.Module) -> None:
    """Undo `use_phases`: dilated convolutions as PyTorch has them."""
    for layer in network.modules():
        if isinstance(layer, PhasedConv2d):
            layer.__class__ = torch.nn.Conv2d


class Plain:
    """Decode, resize, augment, step; float32 and channels outermost, as a tutorial has it."""

    def __init__(self, params: Params, images: TrainImages, layout: torch.memory_format) -> None:
        self.params, self.images = params.segmentation, images
        self.augment = Augment(params.segmentation, seed=0)
        self.network = create(params.segmentation, 9, 0, images.statistics())
        self.network = self.network.to(memory_format=layout).train()
        if layout == torch.contiguous_format:
            use_library(self.network)
        self.terms = make_terms(params.segmentation, images.class_pixels())
        self.optimizer = torch.optim.SGD(self.network.parameters(), lr=1e-3, momentum=0.9)
        self.order = cycle(range(IMAGES))

    def batch(self) -> Batch:
        """The next images from their files."""
        samples = []
        for _ in range(self.params.batch_size):
            index = next(self.order)
            image, label = read_sample(*self.images.files[index], 9)
            size = self.params.size
            sample = resize_image(image, size), resize_label(label, size)
            samples.append(self.augment(sample, 0, index))
        image, label = collate(samples)
        return image.contiguous(), label

    def __call__(self) -> None:
        """One step."""
        image, label = self.batch()
        self.optimizer.zero_grad(set_to_none=True)
        loss = sum(self.terms(self.forward(image.float() / 255), label).values())
        loss.backward()
        self.optimizer.step()

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Logits."""
        return self.network(image)


class Ours(Plain):
    """The stage's network on its own batches: cached, channels innermost, dilation by grids."""

    def __init__(self, params: Params, images: TrainImages) -> None:
        super().__init__(params, images, torch.channels_last)
        self.batches = chain.from_iterable(map(Epochs(images, self.augment, 0).epoch, count()))

    def batch(self) -> Batch:
        """The next images from the stage's loader."""
        return next(self.batches)


class Half(Ours):
    """The same under bf16 autocast, as `precision: bf16-mixed` asks for."""

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Logits in float32."""
        with torch.autocast("cpu", torch.bfloat16):
            return super().forward(image).float()


def params_of(encoder: str, size: tuple[int, int]) -> Params:
    """Params of a training of this size, four images a step."""
    return Params(
        data=DataParams(dataset="demo"),
        fusion=FusionParams(methods={"vis": MethodSpec()}),
        segmentation=SegmentationParams(encoder=encoder, size=size, batch_size=4),
    )


def rows(encoder: str, size: tuple[int, int], runs: int) -> list[Row]:
    """Plain against ours in float32 and in bf16, and the share of the data side."""
    params = params_of(encoder, size)
    draw(params)
    images = input_images(params, "deeplabv3", "vis", [str(index) for index in range(IMAGES)])
    plain, ours = Plain(params, images, torch.contiguous_format), Ours(params, images)
    half = Half(params, images)
    before, after, bf16, data = interleaved(runs, plain, ours, half, ours.batch)
    what = f"{encoder}, 4 images of {size[0]}×{size[1]}"
    share = {"data_share_of_step": data.seconds / after.seconds}
    return [compare(what, before, after) | share, compare(f"{what}, bf16", before, bf16)]


def main() -> None:
    given = arguments(__doc__, runs=5)
    encoders = ["resnet18"] if given.tiny else ["resnet18", "timm-tf_efficientnet_lite0"]
    size = (32, 48) if given.tiny else (240, 320)
    found: list[Row] = []
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        for encoder in encoders:
            found += rows(encoder, size, given.runs)
        os.chdir(here)
    note = "seconds a step, both with the allocator as stages have it"
    save("segmentation", found, note, given.runs, given.tiny)


if __name__ == "__main__":
    main()

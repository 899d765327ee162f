"""The train images of one input with their labels, as batches for the network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from pipeline.data import pairs
from pipeline.images.pixels import read_label, read_rgb
from pipeline.params import Params, SegmentationParams
from pipeline.results import paths
from pipeline.stage.errors import UserError
from pipeline.training.order import epoch_batches
from segmentation.data.augment import Augment
from segmentation.data.cache import Cache, Sample
from segmentation.data.resize import resize_image, resize_label
from segmentation.data.statistics import Statistics, measure

Batch = tuple[Tensor, Tensor]
"""Images (N,3,H,W) uint8 in channels_last, labels (N,H,W) int64."""


def read_sample(image_file: Path, label_file: Path, classes: int) -> Sample:
    """Read an image and its label at full size.

    Raises:
        UserError: unreadable, of two sizes, or with a label value that is no class.
    """
    image, label = read_rgb(image_file), read_label(label_file)
    if image.shape[:2] != label.shape:
        raise UserError(
            f"{image_file}: {image.shape[1]}x{image.shape[0]}, but its label {label_file} is "
            f"{label.shape[1]}x{label.shape[0]}"
        )
    if label.max() >= classes:
        raise UserError(f"{label_file}: value {label.max()}; allowed are 0 to {classes - 1}")
    return image, label


def sample_files(
    params: Params, input_name: str, split: pairs.Split, name: str
) -> tuple[Path, Path]:
    """Image of the input `input_name`, and label, of the pair `name`."""
    label = pairs.image_path(params.data.directory, split, "label", name)
    return paths.fused_image(input_name, split, name), label


class TrainImages:
    """The train split of one input at training size, cached in memory.

    Args:
        params: the project's; data and segmentation are read.
        input_name: `ir`, `vis` or a fusion method.
        names: of the train pairs, in the manifest's order.
    """

    def __init__(self, params: Params, input_name: str, names: list[str]) -> None:
        self.params = params.segmentation
        self.workers = params.runtime.workers
        self.classes = len(params.data.class_names)
        self.files = [sample_files(params, input_name, "train", name) for name in names]
        self._cache = Cache(self._read, params.runtime.cache_mib * 2**20)

    def _read(self, index: int) -> Sample:
        image, label = read_sample(*self.files[index], self.classes)
        size = self.params.size
        return resize_image(image, size), resize_label(label, size)

    def __len__(self) -> int:
        return len(self.files)

    def get(self, index: int) -> Sample:
        """Image (H,W,3) and label (H,W) at training size, not augmented; do not write to them."""
        return self._cache.get(index)

    def statistics(self) -> Statistics:
        """Mean and standard deviation per channel over the images at training size."""
        return measure(self.get(index)[0] for index in range(len(self)))

    def class_pixels(self) -> NDArray[np.int64]:
        """Pixel counts (images, classes) of the labels at training size."""
        counts = [
            np.bincount(self.get(index)[1].ravel(), minlength=self.classes)
            for index in range(len(self))
        ]
        return np.stack(counts)


class _Epoch(Dataset[Sample]):
    """The train images as augmented in one epoch."""

    def __init__(self, images: TrainImages, augment: Augment, epoch: int) -> None:
        self.images = images
        self.augment = augment
        self.epoch = epoch

    def __getitem__(self, index: int) -> Sample:
        return self.augment(self.images.get(index), self.epoch, index)


def collate(samples: list[Sample]) -> Batch:
    """Stack samples; the images' memory stays as decoded, which is channels_last."""
    images = torch.from_numpy(np.stack([image for image, _ in samples]))
    labels = torch.from_numpy(np.stack([label for _, label in samples]))
    return images.permute(0, 3, 1, 2), labels.long()


class EpochBatches:
    """One epoch of augmented batches.

    Order and augmentation depend on (seed, epoch, index) alone, so they are the same for every
    input.
    """

    def __init__(
        self, images: TrainImages, augment: Augment, seed: int, epoch: int,
        rank: int = 0, world_size: int = 1,
    ) -> None:  # fmt: skip
        params: SegmentationParams = images.params
        steps = epoch_batches(len(images), params.batch_size, seed, epoch, rank, world_size)
        # Batch norm over an incomplete last step would be of another kind, or impossible.
        self._steps = steps[: max(1, len(images) // params.batch_size)]
        self._loader = DataLoader(
            _Epoch(images, augment, epoch),
            batch_sampler=self._steps,
            num_workers=images.workers,
            collate_fn=collate,
        )

    def __len__(self) -> int:
        return len(self._steps)

    def __iter__(self) -> Iterator[Batch]:
        return iter(self._loader)

"""Augmented batches of the train images, epoch after epoch."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from pipeline.training.order import epoch_batches
from segmentation.data.augment import Augment
from segmentation.data.cache import Sample
from segmentation.data.samples import TrainImages

Batch = tuple[Tensor, Tensor]
"""Images (N,3,H,W) uint8 in channels_last, labels (N,H,W) int64."""

Scene = tuple[int, int]
"""An epoch, from 0, and the index of an image."""


class _Scenes(Dataset[Sample]):
    """The train images as augmented in the epoch that each index names.

    So a worker process need not be told of an epoch, and lives for all of them.
    """

    def __init__(self, images: TrainImages, augment: Augment) -> None:
        self.images = images
        self.augment = augment

    def __getitem__(self, scene: Scene) -> Sample:
        epoch, index = scene
        return self.augment(self.images.get(index, epoch), epoch, index)


class _Order:
    """Batches of scenes of whichever epoch is set: what the loader asks for in each epoch."""

    def __init__(self) -> None:
        self.steps: list[list[Scene]] = []

    def __iter__(self) -> Iterator[list[Scene]]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)


def collate(samples: list[Sample]) -> Batch:
    """Stack samples; the images' memory stays as decoded, which is channels_last."""
    images = torch.from_numpy(np.stack([image for image, _ in samples]))
    labels = torch.from_numpy(np.stack([label for _, label in samples]))
    return images.permute(0, 3, 1, 2), labels.long()


class Epochs:
    """The batches of all epochs, by one loader, whose processes live as long as it does.

    Order and augmentation depend on (seed, epoch, index) alone, so they are the same for every
    input. The processes are forked: the images that were read before are not copied.

    Args:
        images: of the train split.
        augment: what is done to them.
        seed: of the order.
        rank: this process among `world_size`, which share each batch.
        world_size: processes that train together.
    """

    def __init__(
        self, images: TrainImages, augment: Augment, seed: int, rank: int = 0, world_size: int = 1
    ) -> None:
        self._images, self._seed, self._share = images, seed, (rank, world_size)
        self.order, workers = _Order(), images.workers
        fork = multiprocessing.get_context("fork") if sys.platform == "linux" else None
        self.loader = DataLoader(
            _Scenes(images, augment),
            batch_sampler=self.order,
            num_workers=workers,
            collate_fn=collate,
            pin_memory=torch.cuda.is_available(),
            persistent_workers=workers > 0,
            multiprocessing_context=fork if workers else None,
            generator=torch.Generator(),
        )

    def steps(self, epoch: int) -> list[list[int]]:
        """Indices of the images of each step of an epoch that this process takes."""
        count, size = len(self._images), self._images.params.batch_size
        found = epoch_batches(count, size, self._seed, epoch, *self._share)
        # Batch norm over an incomplete last step would be of another kind, or impossible.
        return found[: max(1, count // size)]

    def epoch(self, epoch: int) -> EpochBatches:
        """The batches of an epoch, from 0."""
        return EpochBatches(self, epoch)


class EpochBatches:
    """The batches of one epoch; one epoch at a time is iterated."""

    def __init__(self, epochs: Epochs, epoch: int) -> None:
        self._epochs, self._epoch = epochs, epoch
        self.steps = epochs.steps(epoch)

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[Batch]:
        order, epoch = self._epochs.order, self._epoch
        order.steps = [[(epoch, index) for index in step] for step in self.steps]
        # A loader of its own would draw this; so dropout draws what it draws with one an epoch.
        torch.empty((), dtype=torch.int64).random_()
        return iter(self._epochs.loader)

"""Random crops of IR/VIS pairs for training a fusion network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pipeline.data.pairs import image_path
from pipeline.images.pixels import Uint8, read_gray, read_rgb
from pipeline.params import FusionTraining
from pipeline.stage.errors import UserError
from pipeline.training.ahead import pinned
from pipeline.training.order import epoch_batches
from pipeline.training.seeds import derive

Pair = tuple[Uint8, Uint8]
CropBatch = tuple[Tensor, Tensor]


def read_pairs(directory: Path, names: list[str]) -> list[Pair]:
    """Decode the train pairs: (H,W) IR and (H,W,3) VIS, uint8 (1083 MSRS pairs take 1.3 GB)."""
    return [
        (
            read_gray(image_path(directory, "train", "ir", name)),
            read_rgb(image_path(directory, "train", "vi", name)),
        )
        for name in names
    ]


def to_tensors(ir: Uint8, vis: Uint8) -> CropBatch:
    """(…,H,W) and (…,H,W,3) uint8 to (N,1,H,W) and (N,3,H,W) float in [0,1]."""
    gray = torch.from_numpy(ir).reshape(-1, 1, *ir.shape[-2:])
    color = torch.from_numpy(vis).reshape(-1, *vis.shape[-3:]).permute(0, 3, 1, 2)
    return gray.float() / 255, color.float() / 255


class CropBatches:
    """One epoch of batches of random square crops, flipped and turned at random if asked.

    Which crops, in which order, depends only on (seed, epoch, image), so a resumed epoch is the
    interrupted one.
    """

    def __init__(
        self,
        pairs: list[Pair],
        training: FusionTraining,
        epoch: int,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        self.pairs = pairs
        self.training = training
        self.epoch = epoch
        count = len(pairs) * training.crops_per_image
        self.steps = epoch_batches(
            count, training.batch_size, training.seed, epoch, rank, world_size
        )

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[CropBatch]:
        for step in self.steps:
            crops = [self._crop(index) for index in step]
            ir, vis = (np.stack(images) for images in zip(*crops, strict=True))
            yield pinned(to_tensors(ir, vis))

    def _crop(self, index: int) -> Pair:
        """Crop number `index` of the epoch."""
        rng = np.random.default_rng(derive(self.training.seed, self.epoch, index))
        ir, vis = self.pairs[index % len(self.pairs)]
        size = self.training.crop
        top = rng.integers(ir.shape[0] - size + 1)
        left = rng.integers(ir.shape[1] - size + 1)
        window = np.s_[top : top + size, left : left + size]
        if not self.training.flip:
            return ir[window], vis[window]
        turns, flip = int(rng.integers(4)), bool(rng.integers(2))
        ir, vis = np.rot90(ir[window], turns), np.rot90(vis[window], turns)
        return (ir[:, ::-1], vis[:, ::-1]) if flip else (ir, vis)


def check_crop(pairs: list[Pair], names: list[str], crop: int) -> None:
    """Raise UserError for the first image smaller than the crop."""
    for (ir, _), name in zip(pairs, names, strict=True):
        if min(ir.shape) < crop:
            raise UserError(
                f"fusion.training.crop: {crop}, but {name} is {ir.shape[0]}x{ir.shape[1]}; "
                f"allowed is up to {min(ir.shape)}"
            )

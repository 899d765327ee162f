"""The train images of one input with their labels, at training size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.data import pairs
from pipeline.images.pixels import IGNORED, read_label, read_rgb
from pipeline.params import Params
from pipeline.results import paths
from pipeline.stage.errors import UserError
from segmentation.data.cache import Cache, Sample
from segmentation.data.resize import resize_image, resize_label
from segmentation.data.statistics import Statistics, measure

CAMERAS: tuple[pairs.Kind, pairs.Kind] = ("ir", "vi")

Files = tuple[Path, Path]
"""An image and its label."""


def read_sample(image_file: Path, label_file: Path, classes: int) -> Sample:
    """Read an image and its label at full size; in it are classes and `IGNORED`.

    Raises:
        UserError: unreadable, of two sizes, or with a label value that is no class.
    """
    image, label = read_rgb(image_file), read_label(label_file)
    if image.shape[:2] != label.shape:
        raise UserError(
            f"{image_file}: {image.shape[1]}x{image.shape[0]}, but its label {label_file} is "
            f"{label.shape[1]}x{label.shape[0]}"
        )
    largest = label[label != IGNORED].max(initial=0)
    if largest >= classes:
        raise UserError(f"{label_file}: value {largest}; allowed are 0 to {classes - 1}")
    return image, label


def sample_files(params: Params, input_name: str, split: pairs.Split, name: str) -> Files:
    """Image of the input `input_name`, and label, of the pair `name`."""
    label = pairs.image_path(params.data.directory, split, "label", name)
    return paths.fused_image(input_name, split, name), label


def train_names(params: Params) -> list[str]:
    """Names of the train pairs. Raises UserError if there are too few for batch norm."""
    directory = params.data.directory
    names = pairs.names(directory, "train")
    if len(names) < 2:
        raise UserError(f"{directory}: {len(names)} train images; training takes at least 2")
    return names


class TrainImages:
    """The train split of one input at training size, cached in memory.

    Args:
        params: the project's; data and segmentation are read.
        network: the entry of `segmentation.networks` that they are for.
        files: image and label of each train pair, in the manifest's order.
    """

    def __init__(self, params: Params, network: str, files: Sequence[Files]) -> None:
        self.params = params.segmentation.of(network)
        self.workers = params.runtime.workers
        self.classes = len(params.data.class_names)
        self.files = list(files)
        self._cache = Cache(self._read, params.runtime.cache_mib * 2**20)

    def _read(self, index: int) -> Sample:
        image, label = read_sample(*self.files[index], self.classes)
        size = self.params.size
        return resize_image(image, size), resize_label(label, size)

    def __len__(self) -> int:
        return len(self.files)

    def get(self, index: int, epoch: int = 0) -> Sample:
        """Image (H,W,3) and label (H,W) at training size, not augmented; do not write to them.

        Args:
            index: of the scene.
            epoch: from 0; here every epoch shows the same image.
        """
        return self._cache.get(index)

    def statistics(self) -> Statistics:
        """Mean and standard deviation per channel over the images at training size."""
        return measure(self.get(index)[0] for index in range(len(self)))

    def class_pixels(self) -> NDArray[np.int64]:
        """Pixel counts (images, classes) of the labels at training size, ignored ones aside."""
        labels = (self.get(index)[1] for index in range(len(self)))
        return np.stack([
            np.bincount(label[label != IGNORED], minlength=self.classes) for label in labels
        ])  # fmt: skip


class BothCameras(TrainImages):
    """The train scenes as IR and as VIS in turns; otherwise as `TrainImages`.

    In an epoch half of the scenes are IR and half VIS, in the next it is the other way round.

    Args:
        params: as for `TrainImages`.
        network: likewise.
        ir: IR image and label of each train pair, in the manifest's order.
        vis: VIS image and label of the same pairs.
    """

    def __init__(
        self, params: Params, network: str, ir: Sequence[Files], vis: Sequence[Files]
    ) -> None:
        super().__init__(params, network, [*ir, *vis])

    def __len__(self) -> int:
        return len(self.files) // 2

    def get(self, index: int, epoch: int = 0) -> Sample:
        """The scene `index` by the camera whose turn it is in `epoch`."""
        return self._cache.get(index + len(self) * ((index + epoch) % 2))

    def statistics(self) -> Statistics:
        """Mean and standard deviation per channel over the images of both cameras."""
        return measure(self._cache.get(index)[0] for index in range(len(self.files)))


def input_images(
    params: Params, network: str, input_name: str, names: Sequence[str]
) -> TrainImages:
    """The train images `names` of the input `input_name` for one network."""
    files = [sample_files(params, input_name, "train", name) for name in names]
    return TrainImages(params, network, files)


def camera_images(params: Params, network: str, names: Sequence[str]) -> BothCameras:
    """The train images `names` as the cameras took them, for one network."""
    data = params.data.directory
    ir, vis = (
        [
            (
                pairs.image_path(data, "train", camera, name),
                pairs.image_path(data, "train", "label", name),
            )
            for name in names
        ]
        for camera in CAMERAS
    )
    return BothCameras(params, network, ir, vis)

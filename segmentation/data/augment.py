"""Joint augmentation of image and label by albumentations; the only module that knows it.

What is drawn depends on (seed, epoch, index) alone: in IR, VIS and every fused image the same
scene is flipped, zoomed, shifted and brightened alike.
"""

from __future__ import annotations

from typing import Any

from pipeline.params import NetworkParams
from pipeline.training.seeds import derive
from segmentation.data.cache import Sample


def _steps(params: NetworkParams) -> list[Any]:
    """The transforms in order, left out where they would change nothing."""
    import albumentations as album
    import cv2

    chosen = params.augmentation
    height, width = params.size
    low, high = chosen.scale
    steps: list[Any] = []
    if (low, high) != (1, 1):
        # Mirrored content instead of a constant border: no input gets an edge that others lack.
        border = cv2.BORDER_REFLECT_101
        steps += [
            # OpenCV's plain nearest neighbour would shift the label by half a pixel.
            album.RandomScale(
                scale_limit=(low - 1, high - 1), mask_interpolation=cv2.INTER_NEAREST_EXACT, p=1
            ),
            album.PadIfNeeded(min_height=height, min_width=width, border_mode=border),
            album.RandomCrop(height, width),
        ]
    if chosen.flip:
        steps.append(album.HorizontalFlip(p=chosen.flip))
    if chosen.brightness:
        limit = chosen.brightness
        steps.append(album.RandomBrightnessContrast(limit, limit, brightness_by_max=True, p=1))
    if chosen.blur:
        steps.append(album.GaussianBlur(sigma_limit=(0.5, 1.5), p=chosen.blur))
    return steps


class Augment:
    """Joint, reproducible augmentation of samples of `segmentation.size`."""

    def __init__(self, params: NetworkParams, seed: int) -> None:
        import albumentations as album

        self._seed = seed
        self._transform = album.Compose(_steps(params))

    def __call__(self, sample: Sample, epoch: int, index: int) -> Sample:
        """Augment image and label alike.

        Args:
            sample: image (H,W,3) and label (H,W), uint8, of the training size; left unchanged.
            epoch: from 0.
            index: of the image in the train split.

        Returns:
            Image and label of the same size.
        """
        self._transform.set_random_seed(derive(self._seed, epoch, index))
        image, label = sample
        result = self._transform(image=image, mask=label)
        return result["image"], result["mask"]

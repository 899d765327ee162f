"""Between the size of images on disk and the size the network works at."""

from __future__ import annotations

import math

import cv2
import numpy as np

from pipeline.images.pixels import Uint8

Size = tuple[int, int]
"""Height and width, pixels."""


def resize_image(image: Uint8, size: Size) -> Uint8:
    """Resize (H,W,3) uint8: area averages when it shrinks, bilinear when it grows."""
    if image.shape[:2] == tuple(size):
        return image
    shrinks = size[0] * size[1] < image.shape[0] * image.shape[1]
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size[::-1], interpolation=interpolation), np.uint8)


def resize_label(label: Uint8, size: Size) -> Uint8:
    """Resize (H,W) class indices: the nearest one, none is invented."""
    if label.shape == tuple(size):
        return label
    nearest = cv2.INTER_NEAREST_EXACT
    return np.asarray(cv2.resize(label, size[::-1], interpolation=nearest), np.uint8)


def working_size(image: Size, training: Size) -> Size:
    """Size at which to predict on an image: its own shape, with as many pixels as in training.

    An image with the aspect ratio of the training size gets exactly the training size.

    Args:
        image: the image's.
        training: `segmentation.size`.
    """
    if image[0] * training[1] == image[1] * training[0]:
        return (int(training[0]), int(training[1]))
    scale = math.sqrt(training[0] * training[1] / (image[0] * image[1]))
    return max(1, round(image[0] * scale)), max(1, round(image[1] * scale))

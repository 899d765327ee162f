"""Colours of classes in label maps: MFNet's for its nine classes, generated ones beyond."""

import colorsys
from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.images.pixels import IGNORED, Uint8

MFNET = (
    (0, 0, 0),
    (64, 0, 128),
    (64, 64, 0),
    (0, 128, 192),
    (0, 0, 192),
    (128, 128, 0),
    (64, 64, 128),
    (192, 128, 128),
    (192, 64, 0),
)
"""RGB of label values 0 to 8 (Ha et al., MFNet, IROS 2017), which MSRS keeps."""

# Successive multiples of the golden ratio stay as far apart on the hue circle as any can.
_GOLDEN_RATIO = (5**0.5 - 1) / 2


def _generated(index: int) -> tuple[int, int, int]:
    hue = index * _GOLDEN_RATIO % 1
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.65, 0.9 if index % 2 else 0.65)
    return round(255 * red), round(255 * green), round(255 * blue)


def palette(classes: int) -> Uint8:
    """Colours of `classes` classes in label order, as (classes, 3) uint8 RGB.

    The first nine are MFNet's; further ones are spread over the hue circle.
    """
    colours = [*MFNET[:classes], *(_generated(i) for i in range(len(MFNET), classes))]
    return np.array(colours, dtype=np.uint8)


def rgb(colour: str) -> tuple[int, int, int]:
    """`#400080` as (64, 0, 128)."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def colours_of(classes: Sequence[str], own: Mapping[str, str]) -> Uint8:
    """Colours of named classes: (C, 3) uint8 RGB.

    Args:
        classes: names in label order.
        own: `#rrggbb` by name; a class that is not in it has that of `palette`.
    """
    colours = palette(len(classes))
    for place, name in enumerate(classes):
        if name in own:
            colours[place] = rgb(own[name])
    return colours


def of_every_value(colours: Uint8) -> Uint8:
    """(C, 3) colours as (256, 3), one for each value: those beyond the classes are white."""
    table = np.full((256, 3), 255, dtype=np.uint8)
    table[: len(colours)] = colours
    return table


def colorize(label: Uint8, colours: Uint8) -> Uint8:
    """Paint (H, W) class indices in (C, 3) uint8 RGB; an index beyond the classes is white."""
    return of_every_value(colours)[label]


def empty(colours: Uint8) -> list[int]:
    """Classes painted black, as MFNet's unlabeled: nothing is laid over an image there."""
    return np.flatnonzero(~colours.any(axis=1)).tolist()


def without_ignored(label: Uint8, truth: Uint8) -> Uint8:
    """A label map with the pixels that the truth leaves out left out, too."""
    return np.where(truth == IGNORED, truth, label)

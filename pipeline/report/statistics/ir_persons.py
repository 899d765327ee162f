"""Candidates for persons that only IR shows, for a reader to look at: nothing is scored by them.

Labels drawn on visible images lack what is dark there. What follows is a rule, not a truth: it
finds warm things that networks take for persons, and misses whom they do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.images.pixels import IGNORED, Uint8
from pipeline.report.collected import SOURCES

Mask = NDArray[np.bool_]

PERSON = "person"
BACKGROUND = "unlabeled"

BRIGHTER = 30  # gray levels
WINDOW, TALL, MARGIN = 4, 40, 60  # parts of the image's height
SLIM = (1.2, 5.0)  # height by width
FILLED, AGREED = 0.4, 0.5  # shares of pixels

RULE = (
    f"A candidate is a connected region of a night's IR image, at least {BRIGHTER} gray levels "
    f"brighter than the mean of the square around each of its pixels (its side a quarter of the "
    f"image's height); shaped as a person: at least 1/{TALL} of the image high, {SLIM[0]} to "
    f"{SLIM[1]:g} times as high as wide, and filling {FILLED:.0%} of its box; at least half of "
    f"whose pixels the network of IR and those of most fused inputs take for a person, and the one "
    f"of VIS does not; with no labelled pixel in it, and no labelled person within 1/{MARGIN} of "
    "the image's height."
)
"""The rule in words, as the page has it."""


class Candidate(NamedTuple):
    """Where one is, pixels, and how much brighter than its surroundings, gray levels."""

    top: int
    left: int
    height: int
    width: int
    brighter: float


def agreed(predictions: Mapping[str, Uint8], person: int) -> Mask:
    """Pixels that IR's network and most fused inputs' take for a person, and VIS's does not.

    Args:
        predictions: (H, W) class indices by input: `ir`, `vis` and one fused input at least.
        person: index of the class.
    """
    says = {name: label == person for name, label in predictions.items()}
    fused = [mask for name, mask in says.items() if name not in SOURCES]
    most: Mask = np.mean(fused, axis=0) > 0.5
    return says["ir"] & most & ~says["vis"]


def unlabelled(truth: Uint8, person: int, background: int | None) -> Mask:
    """Pixels without a label, and with no labelled person within 1/`MARGIN` of the height.

    Args:
        truth: (H, W) class indices.
        person: index of the class.
        background: index of the class of what has no label; None if ignored pixels alone have none.
    """
    free = truth == IGNORED
    if background is not None:
        free |= truth == background
    margin = max(truth.shape[0] // MARGIN, 1)
    square = np.ones((2 * margin + 1,) * 2, bool)
    return free & ~ndimage.binary_dilation(truth == person, square)


def _shaped(region: Mask, image_height: int) -> bool:
    height, width = region.shape
    slim = SLIM[0] <= height / width <= SLIM[1]
    return slim and height >= image_height / TALL and bool(region.mean() >= FILLED)


def candidates(ir: Uint8, seen: Mask, free: Mask) -> list[Candidate]:
    """Regions of an image that the rule chooses, from the top down.

    Args:
        ir: (H, W) gray levels.
        seen: what `agreed` gives, (H, W).
        free: what `unlabelled` gives, (H, W).
    """
    height = ir.shape[0]
    around = ndimage.uniform_filter(ir.astype(np.float64), height // WINDOW, mode="nearest")
    over = ir - around
    regions, _ = ndimage.label(over >= BRIGHTER, np.ones((3, 3)))
    found = []
    for number, box in enumerate(ndimage.find_objects(regions), 1):
        region = regions[box] == number
        if (
            _shaped(region, height)
            and free[box][region].all()
            and seen[box][region].mean() >= AGREED
        ):
            rows, columns = box
            brighter = float(over[box][region].mean())
            tall, wide = region.shape
            found.append(Candidate(rows.start, columns.start, tall, wide, brighter))
    return found

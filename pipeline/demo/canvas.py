"""What the scene is made of, pixel by pixel: colour, heat, own light, distance, class.

Both cameras look at the same canvas; `sensors` turns it into an infrared and a visible image.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_SUBPIXEL = 4  # bits after the point in OpenCV's polygon coordinates

Float = NDArray[np.float32]
Colour = tuple[float, float, float]


def rgb(red: float, green: float, blue: float) -> Float:
    """A colour as an array (3,)."""
    return np.array((red, green, blue), dtype=np.float32)


@dataclass(frozen=True)
class Material:
    """How a surface looks and how warm it is.

    Attributes:
        colour: linear RGB reflectance, 0 to 1.
        heat: degrees above air temperature.
        glow: own light, linear RGB, 1 = white at exposure 1.
        retro: light thrown straight back to the headlights, as a factor of their light.
        grain: relative strength of the texture in the visible.
        warm_grain: strength of the texture in the infrared, degrees.
        round: how much darker the sides are than the middle, 0 to 1.
    """

    colour: Colour
    heat: float
    glow: Colour = (0.0, 0.0, 0.0)
    retro: float = 0.0
    grain: float = 0.12
    warm_grain: float = 0.3
    round: float = 0.0


def noise(rng: np.random.Generator, height: int, width: int, cells: int, octaves: int = 4) -> Float:
    """Smooth random texture (height, width), mean about 0, standard deviation about 1.

    Args:
        rng: source of randomness.
        height: pixels.
        width: pixels.
        cells: random values across the width in the coarsest octave.
        octaves: each has half the cell size and 0.6 of the strength of the one before.
    """
    total = np.zeros((height, width), dtype=np.float32)
    strength = 1.0
    for octave in range(octaves):
        across = min(cells * 2**octave, width)
        down = max(2, min(across * height // width, height))
        grid = rng.standard_normal((down, across), dtype=np.float32)
        total += strength * cv2.resize(grid, (width, height), interpolation=cv2.INTER_LINEAR)
        strength *= 0.6
    return np.asarray(total / total.std(), dtype=np.float32)


class Canvas:
    """Maps of one scene, each (height, width) or (height, width, 3), painted far to near."""

    def __init__(self, rng: np.random.Generator, height: int, width: int) -> None:
        self.colour = np.zeros((height, width, 3), dtype=np.float32)
        self.glow = np.zeros((height, width, 3), dtype=np.float32)
        self.heat = np.zeros((height, width), dtype=np.float32)
        self.retro = np.zeros((height, width), dtype=np.float32)
        self.depth = np.full((height, width), 300.0, dtype=np.float32)
        self.label = np.zeros((height, width), dtype=np.uint8)
        self.grain = noise(rng, height, width, 40, octaves=3)
        self.warm_grain = noise(rng, height, width, 12, octaves=3)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width, pixels."""
        height, width = self.label.shape
        return height, width

    def mask(
        self, contours: Sequence[Float]
    ) -> tuple[tuple[slice, slice], NDArray[np.bool_]] | None:
        """The inside of `contours` (even-odd) as a window and a mask of it; None if outside."""
        height, width = self.size
        points = np.concatenate(contours)
        left, top = np.maximum(np.floor(points.min(axis=0)).astype(int), 0)
        right, bottom = np.minimum(np.ceil(points.max(axis=0)).astype(int) + 1, (width, height))
        if left >= right or top >= bottom:
            return None
        inside = np.zeros((bottom - top, right - left), dtype=np.uint8)
        # Clipped far outside the window so that the fixed-point numbers cannot overflow.
        shifted = [np.clip(c - (left + 0.5, top + 0.5), -8000, 8000) for c in contours]
        fixed = [np.rint(c * 2**_SUBPIXEL).astype(np.int32) for c in shifted]
        cv2.fillPoly(inside, fixed, color=1, shift=_SUBPIXEL)
        return (slice(top, bottom), slice(left, right)), inside.astype(bool)

    def fill(
        self,
        contours: Sequence[Float],
        material: Material | None,
        depth: float | Float,
        label: int | None = None,
    ) -> None:
        """Paint the inside of `contours`.

        Args:
            contours: closed curves of (n,2) columns and rows; holes by the even-odd rule.
            material: None leaves everything but the label.
            depth: metres, one number or a (height, width) map.
            label: class index; None keeps what is there.
        """
        found = self.mask(contours)
        if found is None:
            return
        window, inside = found
        if label is not None:
            np.copyto(self.label[window], np.uint8(label), where=inside)
        if material is None:
            return
        away = depth[window] if isinstance(depth, np.ndarray) else np.float32(depth)
        np.copyto(self.depth[window], away, where=inside)
        self._paint(window, inside, material)

    def _paint(
        self, window: tuple[slice, slice], inside: NDArray[np.bool_], material: Material
    ) -> None:
        shade = 1 + material.grain * self.grain[window]
        if material.round:
            across = np.linspace(-1, 1, inside.shape[1], dtype=np.float32)
            shade *= 1 - material.round * across**2
        warm = material.heat + material.warm_grain * self.warm_grain[window]
        colour = np.asarray(material.colour, dtype=np.float32)
        deep = inside[..., None]
        np.copyto(self.colour[window], np.minimum(shade[..., None] * colour, 1), where=deep)
        np.copyto(self.glow[window], np.asarray(material.glow, dtype=np.float32), where=deep)
        np.copyto(self.heat[window], warm, where=inside)
        np.copyto(self.retro[window], np.float32(material.retro), where=inside)

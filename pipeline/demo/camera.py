"""The camera on the car: from metres in front of it to pixels, and back."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float = NDArray[np.float32]


def rgb(red: float, green: float, blue: float) -> Float:
    """A colour as an array (3,)."""
    return np.array((red, green, blue), dtype=np.float32)


@dataclass(frozen=True)
class Camera:
    """A pinhole camera looking along the road.

    World coordinates are metres: x to the right of the lane's middle, y up from the ground,
    z ahead. The road bends: at distance z everything lies `bend`·z² further right.

    Attributes:
        height: of the image, pixels.
        width: of the image, pixels.
        horizon: row of the horizon, pixels.
        focal: focal length, pixels.
        bend: of the road, 1/m.
        eye: height of the camera above the ground, m.
    """

    height: int
    width: int
    horizon: float
    focal: float
    bend: float
    eye: float = 1.5

    def project(self, points: ArrayLike) -> Float:
        """(n,3) world points, z > 0, to (n,2) columns and rows in pixels."""
        x, y, z = np.asarray(points, dtype=np.float64).T
        columns = self.width / 2 + self.focal * (x + self.bend * z**2) / z
        rows = self.horizon + self.focal * (self.eye - y) / z
        return np.stack((columns, rows), axis=1).astype(np.float32)

    def ground_depth(self) -> Float:
        """(height,) distance in metres of the ground in each row; far above the horizon."""
        below = np.arange(self.height, dtype=np.float32) + 0.5 - self.horizon
        return np.where(below > 0.5, self.eye * self.focal / np.maximum(below, 0.5), 300.0).astype(
            np.float32
        )

    def unproject(self, depth: Float) -> tuple[Float, Float]:
        """World x and y, each (height, width), of the pixels that lie `depth` metres ahead."""
        columns = np.arange(self.width, dtype=np.float32)[None] + 0.5 - self.width / 2
        rows = np.arange(self.height, dtype=np.float32)[:, None] + 0.5 - self.horizon
        x = columns * depth / self.focal - self.bend * depth**2
        return x, self.eye - rows * depth / self.focal

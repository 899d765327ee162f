"""A scene under construction: the camera on the car, and shapes in metres for it to see."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from pipeline.demo.canvas import Canvas, Float, Material

Point = tuple[float, float]


@dataclass(frozen=True)
class Camera:
    """A pinhole camera looking along the road.

    World coordinates are metres: x to the right of the lane's middle, y up from the ground and
    z ahead.

    Attributes:
        height: of the image, pixels.
        width: of the image, pixels.
        horizon: row of the horizon, pixels.
        focal: focal length, pixels.
        eye: height of the camera above the ground, m.
    """

    height: int
    width: int
    horizon: float
    focal: float
    eye: float = 1.5

    def project(self, points: ArrayLike) -> Float:
        """(n,3) world points, z > 0, to (n,2) columns and rows in pixels."""
        x, y, z = np.asarray(points, dtype=np.float64).T
        columns = self.width / 2 + self.focal * x / z
        rows = self.horizon + self.focal * (self.eye - y) / z
        return np.stack((columns, rows), axis=1).astype(np.float32)

    def ground_depth(self) -> Float:
        """(height, width) distance in metres of the ground in each row; far above the horizon."""
        below = np.arange(self.height, dtype=np.float32)[:, None] + 0.5 - self.horizon
        away = np.where(below > 0.5, self.eye * self.focal / np.maximum(below, 0.5), 300.0)
        return np.broadcast_to(away, (self.height, self.width)).astype(np.float32)

    def unproject(self, depth: Float) -> tuple[Float, Float]:
        """World x and y, each (height, width), of the pixels that lie `depth` metres ahead."""
        columns = np.arange(self.width, dtype=np.float32)[None] + 0.5 - self.width / 2
        rows = np.arange(self.height, dtype=np.float32)[:, None] + 0.5 - self.horizon
        return columns * depth / self.focal, self.eye - rows * depth / self.focal


@dataclass(frozen=True)
class World:
    """What everything that draws needs to know.

    Attributes:
        rng: the scene's only source of randomness.
        camera: maps metres to pixels.
        canvas: what is drawn on.
        night: whether the sun is down.
        road: heat of the asphalt, degrees above air.
        left: x of the road's left edge, m.
        right: x of the road's right edge, m.
        lamps: (x, z) of the street lamps that are on, so far.
    """

    rng: np.random.Generator
    camera: Camera
    canvas: Canvas
    night: bool
    road: float
    left: float
    right: float
    lamps: list[Point] = field(default_factory=list)

    def pick(self, low: float, high: float) -> float:
        """A uniform random number."""
        return float(self.rng.uniform(low, high))

    def fill(
        self, shapes: Sequence[ArrayLike], material: Material | None, label: int | None = None
    ) -> None:
        """Paint world polygons, each (n,3) metres, at the depth of their middle."""
        points = [np.asarray(shape, dtype=np.float64) for shape in shapes]
        for polygon in points:
            polygon[:, 2] = np.maximum(polygon[:, 2], 0.5)  # nothing behind the camera
        away = float(np.concatenate(points)[:, 2].mean())
        self.canvas.fill([self.camera.project(one) for one in points], material, away, label)

    def upright(
        self, shapes: Sequence[Float], z: float, material: Material | None, label: int | None = None
    ) -> None:
        """Paint flat outlines, each (n,2) of x and y, put up `z` metres ahead."""
        self.fill([np.column_stack((one, np.full(len(one), z))) for one in shapes], material, label)

    def ground(self, corners: Sequence[Point], material: Material) -> None:
        """Paint a polygon of (x, z) corners that lies on the road."""
        flat = self.camera.project([(x, 0.0, max(z, 0.5)) for x, z in corners])
        self.canvas.fill([flat], material, self.camera.ground_depth())


def box(x0: float, x1: float, y0: float, y1: float) -> Float:
    """A rectangle, (4,2)."""
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], dtype=np.float32)


def disc(x: float, y: float, rx: float, ry: float | None = None) -> Float:
    """An ellipse, (20,2)."""
    angle = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    circle = (x + rx * np.cos(angle), y + (rx if ry is None else ry) * np.sin(angle))
    return np.stack(circle, axis=1).astype(np.float32)


def limb(start: Point, end: Point, radius: float) -> Float:
    """A rounded bar between two points, (n,2): an arm, a leg, a tube."""
    p, q = np.asarray(start), np.asarray(end)
    angle = float(np.arctan2(q[1] - p[1], q[0] - p[0]))
    turns = angle + np.linspace(np.pi / 2, 3 * np.pi / 2, 6)
    back = radius * np.stack((np.cos(turns), np.sin(turns)), axis=1)
    return np.concatenate((p + back, q - back)).astype(np.float32)

"""One scene under construction, and the shapes its things are drawn with."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pipeline.demo.camera import Camera, Float
from pipeline.demo.canvas import Canvas, Colour, Material


@dataclass(frozen=True)
class Lamp:
    """A street lamp: position in metres, brightness 0 to 1, colour of its light."""

    x: float
    y: float
    z: float
    power: float
    colour: Colour


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
        lamps: street lamps so far.
    """

    rng: np.random.Generator
    camera: Camera
    canvas: Canvas
    night: bool
    road: float
    left: float
    right: float
    lamps: list[Lamp]

    def fill(
        self,
        shapes: Sequence[ArrayLike],
        material: Material | None,
        depth: float | None = None,
        label: int | None = None,
    ) -> None:
        """Paint world polygons, each (n,3) metres; depth is their mean z unless given."""
        points = [np.asarray(shape, dtype=np.float64) for shape in shapes]
        for polygon in points:
            polygon[:, 2] = np.maximum(polygon[:, 2], 0.5)  # nothing behind the camera
        away = depth if depth is not None else float(np.concatenate(points)[:, 2].mean())
        self.canvas.fill([self.camera.project(p) for p in points], material, away, label)

    def ground(
        self, corners: Sequence[tuple[float, float]], material: Material, label: int | None = None
    ) -> None:
        """Paint a polygon of (x, z) corners that lies on the road, following its bend."""
        flat = [(x, 0.0, max(z, 0.5)) for x, z in along(corners)]
        depth = np.broadcast_to(self.camera.ground_depth()[:, None], self.canvas.size)
        self.canvas.fill([self.camera.project(flat)], material, depth, label)

    def pick(self, low: float, high: float) -> float:
        """A uniform random number."""
        return float(self.rng.uniform(low, high))


def along(corners: Sequence[tuple[float, float]], steps: int = 12) -> list[tuple[float, float]]:
    """The polygon with `steps` points on each edge, closer near the camera, so that it bends."""
    fractions = np.linspace(0, 1, steps, endpoint=False)
    points = []
    for (x0, z0), (x1, z1) in zip(corners, [*corners[1:], corners[0]], strict=True):
        # Even steps in 1/z are even steps on the image.
        inverse = (1 - fractions) / max(z0, 0.5) + fractions / max(z1, 0.5)
        z = 1 / inverse
        share = fractions if z0 == z1 else (z - max(z0, 0.5)) / (max(z1, 0.5) - max(z0, 0.5))
        points += list(zip(x0 + share * (x1 - x0), z, strict=True))
    return points


def box(x0: float, x1: float, y0: float, y1: float, z: float) -> Float:
    """A rectangle that faces the camera, (4,3) metres."""
    corners = [(x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)]
    return np.array(corners, dtype=np.float32)


def disc(x: float, y: float, z: float, rx: float, ry: float | None = None, n: int = 24) -> Float:
    """An ellipse that faces the camera, (n,3) metres."""
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    ry = rx if ry is None else ry
    circle = (x + rx * np.cos(angle), y + ry * np.sin(angle), np.full(n, z))
    return np.stack(circle, axis=1).astype(np.float32)


def limb(start: tuple[float, float], end: tuple[float, float], r0: float, r1: float) -> Float:
    """A rounded bar between two points of a plane, (n,2): an arm, a leg, a tube."""
    p, q = np.asarray(start), np.asarray(end)
    angle = float(np.arctan2(q[1] - p[1], q[0] - p[0]))
    back = angle + np.linspace(np.pi / 2, 3 * np.pi / 2, 7)
    front = angle + np.linspace(-np.pi / 2, np.pi / 2, 7)
    first = p + r0 * np.stack((np.cos(back), np.sin(back)), axis=1)
    second = q + r1 * np.stack((np.cos(front), np.sin(front)), axis=1)
    return np.concatenate((first, second)).astype(np.float32)

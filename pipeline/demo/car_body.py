"""A car's own coordinates and state, which its faces are drawn with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.demo.canvas import Colour, Material
from pipeline.demo.world import World

CAR = 1  # class index

Points = list[tuple[float, float, float]]
"""A polygon in (along, across, up) metres: 0 at the rear, 0 in the middle, 0 on the ground."""


@dataclass(frozen=True)
class Body:
    """One car.

    Attributes:
        world: the scene it is in.
        x: of its middle, m.
        z: of its middle, m.
        angle: of its nose from straight ahead to the right, rad.
        long: length, m.
        wide: width, m.
        profile: silhouette from the side, (n,2) of (along, up) metres.
        paint: colour of the metal.
        heat: of the metal, degrees above air.
        engine: how much warmer the parts are that driving warms, 0 to 1.
        lit: whether the lights are on.
    """

    world: World
    x: float
    z: float
    angle: float
    long: float
    wide: float
    profile: NDArray[np.float64]
    paint: Colour
    heat: float
    engine: float
    lit: bool

    @property
    def half(self) -> float:
        """Half the width, m."""
        return self.wide / 2

    @property
    def roof(self) -> float:
        """Height, m."""
        return float(self.profile[:, 1].max())

    @property
    def van(self) -> bool:
        """Whether it is as tall as a van."""
        return self.roof > 1.6

    def fill(self, points: ArrayLike, material: Material) -> None:
        """Paint a polygon of (along, across, up) metres."""
        along, across, up = np.asarray(points, dtype=np.float64).T
        cos, sin, along = np.cos(self.angle), np.sin(self.angle), along - self.long / 2
        x, z = self.x + along * sin + across * cos, self.z + along * cos - across * sin
        self.world.fill([np.stack((x, up, z), axis=1)], material, label=CAR)

    def facing(self, along: float, across: float) -> bool:
        """Whether the face with this outward normal is turned to the camera."""
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        normal = np.array((along * sin + across * cos, along * cos - across * sin))
        reach = self.long / 2 if along else self.half
        return float(normal @ (np.array((self.x, self.z)) + reach * normal)) < 0

    def metal(self, brightness: float, warmer: float = 0.0) -> Material:
        """The paint, lit so much, so many degrees warmer."""
        red, green, blue = (min(channel * brightness, 1) for channel in self.paint)
        return Material((red, green, blue), self.heat + warmer, grain=0.05, warm_grain=0.4)

    def glass(self) -> Material:
        """A window: dark, and a mirror of the cold sky."""
        return Material((0.05, 0.06, 0.08), self.heat - 2.0, grain=0.3, warm_grain=0.6)


def slab(at: float, half: float, low: float, high: float) -> Points:
    """An upright panel across the car."""
    return [(at, -half, low), (at, half, low), (at, half, high), (at, -half, high)]


def oval(at: float, middle: float, up: float, rx: float, ry: float) -> Points:
    """An ellipse in a face across the car."""
    turn = np.linspace(0, 2 * np.pi, 14, endpoint=False)
    return [(at, middle + rx * float(np.cos(a)), up + ry * float(np.sin(a))) for a in turn]

"""Cars: boxes with a silhouette, warm where the engine, the tyres and the exhaust are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pipeline.demo.canvas import Colour, Material
from pipeline.demo.world import World, box, disc

CAR = 1  # class index

_PAINTS: tuple[Colour, ...] = (
    (0.65, 0.65, 0.65), (0.30, 0.31, 0.33), (0.03, 0.03, 0.03), (0.04, 0.05, 0.10),
    (0.30, 0.03, 0.03), (0.05, 0.10, 0.30), (0.12, 0.12, 0.12),
)  # fmt: skip
_LONG, _HALF, _WAIST, _ROOF = 4.2, 0.85, 0.92, 1.44
_PROFILE = ((0, 0.3), (0, 0.9), (0.8, 1.42), (2.2, _ROOF), (3.0, 0.95), (4.2, 0.78), (4.2, 0.3))
_WINDOW = ((0.5, 0.95), (0.95, 1.36), (2.1, 1.38), (2.75, 0.95))


@dataclass(frozen=True)
class _Car:
    """One car and its own coordinates: along it from the rear, across from its middle, up.

    Attributes:
        world: the scene it is in.
        x: of its middle, m.
        z: of its middle, m.
        angle: of its nose from straight ahead to the right, rad.
        paint: colour of the metal.
        heat: of the metal, degrees above air.
        warm: 1 if it was driven not long ago, else 0.
        lit: whether the lights are on.
    """

    world: World
    x: float
    z: float
    angle: float
    paint: Colour
    heat: float
    warm: int
    lit: bool

    def fill(self, points: ArrayLike, material: Material) -> None:
        """Paint a polygon of (along, across, up) metres."""
        along, across, up = np.asarray(points, dtype=np.float64).T
        cos, sin, along = np.cos(self.angle), np.sin(self.angle), along - _LONG / 2
        x, z = self.x + along * sin + across * cos, self.z + along * cos - across * sin
        self.world.fill([np.stack((x, up, z), axis=1)], material, label=CAR)

    def panel(self, at: float, half: float, low: float, high: float, material: Material) -> None:
        """An upright panel across the car."""
        self.fill([(at, a, b) for a, b in box(-half, half, low, high)], material)

    def seen(self, along: float, across: float) -> bool:
        """Whether the face with this outward normal is turned to the camera."""
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        normal = np.array((along * sin + across * cos, along * cos - across * sin))
        reach = _LONG / 2 if along else _HALF
        return float(normal @ (np.array((self.x, self.z)) + reach * normal)) < 0

    def metal(self, light: float, warmer: float = 0.0) -> Material:
        """The paint, lit so much, so many degrees warmer."""
        red, green, blue = (min(channel * light, 1) for channel in self.paint)
        return Material((red, green, blue), self.heat + warmer, grain=0.05, warm_grain=0.4)

    def glass(self) -> Material:
        """A window: dark, and a mirror of the cold sky."""
        return Material((0.05, 0.06, 0.08), self.heat - 2.0, grain=0.3, warm_grain=0.6)


def car(world: World, x: float, z: float, heading: float, warm: bool, lit: bool) -> None:
    """A car with its middle at (x, z).

    Args:
        world: the scene.
        x: m.
        z: m.
        heading: degrees from our own direction; 180 comes towards us, 90 crosses to the right.
        warm: driven not long ago: warm front, tyres and exhaust.
        lit: lights on, if it is night.
    """
    paint, heat = _PAINTS[world.rng.integers(len(_PAINTS))], world.road + world.pick(0.5, 2.5)
    one = _Car(world, x, z, float(np.deg2rad(heading)), paint, heat, int(warm), lit and world.night)
    shadow = Material((0.02, 0.02, 0.02), world.road + 1.5, grain=0.1)
    for at in (0.1, _LONG - 0.1):
        one.panel(at, 0.95 * _HALF, 0.0, 0.35, shadow)
    one.fill([(a, b, 0.0) for a, b in ((0.1, -0.8), (0.1, 0.8), (4.1, 0.8), (4.1, -0.8))], shadow)
    for side in sorted((-1, 1), key=lambda side: one.seen(0, side)):  # the far one first
        _side(one, side)
    if one.seen(1, 0):
        _end(one, _LONG, 0.52 * _LONG, 4.5, (9.0, 8.6, 7.6), (0.5, 0.5, 0.5))
        grille = Material((0.03, 0.03, 0.03), one.heat + 10 * one.warm)
        one.panel(_LONG, 0.55, 0.32, 0.60, grille)
    if one.seen(-1, 0):
        _end(one, 0.0, 0.8, 0.5, (1.3, 0.06, 0.04), (0.35, 0.01, 0.01))
        exhaust = Material((0.05, 0.05, 0.05), one.heat + 12 * one.warm)
        one.fill([(0, 0.4 + a, b) for a, b in disc(0, 0.24, 0.16, 0.11)], exhaust)


def _side(one: _Car, side: int) -> None:
    """Silhouette, window and wheels."""
    across = side * _HALF
    one.fill([(a, across, up) for a, up in _PROFILE], one.metal(0.75))
    one.fill([(a, across, up) for a, up in _WINDOW], one.glass())
    tyre = Material((0.03, 0.03, 0.03), one.heat + 1 + 5 * one.warm)
    rim = Material((0.35, 0.35, 0.36), one.heat + 3 * one.warm)
    for axle in (0.75, 3.4):
        for radius, material in ((0.34, tyre), (0.19, rim)):
            one.fill([(a, 1.01 * across, up) for a, up in disc(axle, 0.33, radius)], material)


def _end(one: _Car, at: float, crown: float, warmer: float, glow: Colour, off: Colour) -> None:
    """Front or rear: the sloping screen, the panel below it, the plate and two lamps."""
    foot = at + 0.35 * (crown - at)
    frame = [
        (foot, -_HALF, _WAIST),
        (foot, _HALF, _WAIST),
        (crown, 0.8, _ROOF),
        (crown, -0.8, _ROOF),
    ]
    bonnet = [*frame[:2], (at, _HALF, _WAIST), (at, -_HALF, _WAIST)]
    for face in (bonnet, frame):
        one.fill(face, one.metal(1.1, warmer * one.warm / 3))
    one.fill([(a, 0.85 * b, 0.04 + 0.95 * up) for a, b, up in frame], one.glass())
    one.panel(at, _HALF, 0.28, _WAIST, one.metal(1.0, warmer * one.warm))
    one.panel(at, 0.26, 0.42, 0.54, Material((0.7, 0.7, 0.65), one.heat, retro=0.8))
    lamp = Material(off, one.heat + 3, retro=1.0, glow=glow if one.lit else (0.0, 0.0, 0.0))
    for middle in (-0.6, 0.6):
        one.fill([(at, middle + a, b) for a, b in disc(0, 0.72, 0.18, 0.09)], lamp)

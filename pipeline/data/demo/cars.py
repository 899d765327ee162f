"""Cars: boxes with a silhouette, warm where the engine, the tyres and the exhaust are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pipeline.data.demo.canvas import Colour, Material
from pipeline.data.demo.world import World, disc

CAR = 1  # class index

_PAINTS: tuple[Colour, ...] = (
    (0.65, 0.65, 0.65), (0.35, 0.36, 0.38), (0.03, 0.03, 0.03), (0.04, 0.05, 0.10),
    (0.30, 0.03, 0.03), (0.05, 0.10, 0.30), (0.20, 0.20, 0.20), (0.50, 0.45, 0.35),
)  # fmt: skip

# Silhouettes from rear (0) to front (1) of the length, and heights in metres.
_SALOON = ((0, 0.30), (0.0, 0.85), (0.06, 0.95), (0.20, 1.42), (0.52, 1.44), (0.72, 0.95),
           (0.97, 0.78), (1, 0.55), (1, 0.30))  # fmt: skip
_VAN = ((0, 0.30), (0.0, 1.10), (0.03, 1.75), (0.70, 1.78), (0.86, 1.10), (0.98, 0.90), (1, 0.30))


@dataclass(frozen=True)
class _Body:
    """A car's own coordinates: along 0..long, across ±wide/2, up."""

    world: World
    x: float
    z: float
    cos: float
    sin: float
    long: float
    wide: float

    def fill(self, points: ArrayLike, material: Material) -> None:
        """Paint a polygon of (along, across, up) metres."""
        along, across, up = np.asarray(points, dtype=np.float64).T
        along = along - self.long / 2
        x = self.x + along * self.sin + across * self.cos
        z = self.z + along * self.cos - across * self.sin
        self.world.fill([np.stack((x, up, z), axis=1)], material, label=CAR)

    def facing(self, along: float, across: float) -> bool:
        """Whether the side with this outward normal is turned to the camera."""
        nx = along * self.sin + across * self.cos
        nz = along * self.cos - across * self.sin
        middle_x = self.x + nx * self.long / 2
        middle_z = self.z + nz * self.long / 2
        return nx * middle_x + nz * middle_z < 0


def car(world: World, x: float, z: float, heading: float, running: bool) -> None:
    """A car with its middle at (x, z).

    Args:
        world: the scene.
        x: m.
        z: m.
        heading: degrees from our own direction; 180 comes towards us, 90 crosses to the right.
        running: engine on: hot front, warm exhaust, lights at night.
    """
    angle = np.deg2rad(heading)
    van = world.rng.random() < 0.25
    long, wide = (4.4, 1.75) if van else (4.2, 1.7)
    bent = np.arctan(2 * world.camera.bend * z)  # follow the road
    body = _Body(world, x, z, float(np.cos(angle + bent)), float(np.sin(angle + bent)), long, wide)
    profile = np.array(_VAN if van else _SALOON) * (long, 1)
    paint = _PAINTS[world.rng.integers(len(_PAINTS))]
    warmth = world.road + world.pick(-0.5, 1.5)
    _shadow(world, body)
    for side in (-1, 1):
        if body.facing(0, side):
            _side(body, profile, side, paint, warmth, running)
    if body.facing(1, 0):
        _front(body, profile, paint, warmth, running)
    if body.facing(-1, 0):
        _rear(body, profile, paint, warmth, running)


def _shadow(world: World, body: _Body) -> None:
    """The dark, warm ground under the car."""
    under = Material((0.02, 0.02, 0.02), world.road + 1.5, grain=0.1)
    half = body.wide / 2 * 0.96
    corners = [(0.1, -half), (0.1, half), (body.long - 0.1, half), (body.long - 0.1, -half)]
    flat = [(along, across, 0.0) for along, across in corners]
    body.fill(flat, under)
    high = [(along, across, 0.32) for along, across in corners]
    for i in range(4):
        j = (i + 1) % 4
        body.fill([flat[i], flat[j], high[j], high[i]], under)


def _tinted(paint: Colour, factor: float) -> Colour:
    red, green, blue = paint
    return min(red * factor, 1), min(green * factor, 1), min(blue * factor, 1)


def _glass(warmth: float) -> Material:
    return Material((0.05, 0.06, 0.08), warmth - 2.0, grain=0.3, warm_grain=0.6)


def _side(
    body: _Body, profile: np.ndarray, side: int, paint: Colour, warmth: float, running: bool
) -> None:
    across = side * body.wide / 2
    metal = Material(_tinted(paint, 0.75), warmth, grain=0.05, warm_grain=0.4)
    body.fill([(a, across, up) for a, up in profile], metal)
    roof = profile[:, 1].max()
    crown = profile[profile[:, 1] > 0.93]
    low = max(0.95, float(crown[0, 1]))
    inner = [(a, across, min(up, roof - 0.08)) for a, up in crown]
    middle = np.mean([p[0] for p in inner])
    shrunk = [(middle + 0.86 * (a - middle), y, max(up, low)) for a, y, up in inner]
    body.fill(shrunk, _glass(warmth))
    pillar = middle - 0.1
    post = [(pillar, low - 0.02), (pillar + 0.1, low - 0.02), (pillar + 0.1, roof), (pillar, roof)]
    body.fill([(a, across, up) for a, up in post], metal)
    for share in (0.18, 0.81):
        for radius, material in (
            (0.34, Material((0.03, 0.03, 0.03), warmth + (6 if running else 1), grain=0.1)),
            (0.19, Material((0.35, 0.35, 0.36), warmth + (3 if running else 0), grain=0.1)),
        ):
            wheel = disc(share * body.long, 0.33, 0, radius, n=20)
            body.fill([(a, across * 1.01, up) for a, up, _ in wheel], material)


def _slab(
    at: float, half: float, low: float, high: float, top: float | None = None
) -> list[tuple[float, float, float]]:
    """A panel across the car, `top` its half width above if it tapers."""
    top = half if top is None else top
    return [(at, -half, low), (at, half, low), (at, top, high), (at, -top, high)]


def _front(body: _Body, profile: np.ndarray, paint: Colour, warmth: float, running: bool) -> None:
    half, long, roof = body.wide / 2, body.long, float(profile[:, 1].max())
    hood, cowl = (0.90, 1.10) if roof > 1.6 else (0.78, 0.95)
    base, crown = (0.86, 0.70) if roof > 1.6 else (0.72, 0.52)
    hot = warmth + (7 if running else 0)
    top, low = base * long, long
    bonnet = [(top, -half, cowl), (top, half, cowl), (low, half, hood), (low, -half, hood)]
    screen = [(top, -half * 0.95, cowl), (top, half * 0.95, cowl),
              (crown * long, half * 0.78, roof), (crown * long, -half * 0.78, roof)]  # fmt: skip
    body.fill(screen, Material(_tinted(paint, 1.1), warmth, grain=0.05))
    inner = [(a, y * 0.88, cowl + 0.04 + (up - cowl) * 0.88) for a, y, up in screen]
    body.fill(inner, _glass(warmth))
    body.fill(bonnet, Material(_tinted(paint, 1.2), hot - 2, grain=0.05))
    body.fill(_slab(low, half, 0.25, hood), Material(paint, hot - 2.5, grain=0.05))
    body.fill(_slab(low, half * 0.62, 0.32, hood - 0.20), Material((0.03, 0.03, 0.03), hot + 3))
    body.fill(_slab(low, 0.26, 0.38, 0.50), Material((0.7, 0.7, 0.65), warmth, retro=0.8))
    _lights(body, low, hood - 0.12, (9.0, 8.6, 7.6), running, warmth, Material((0.5,) * 3, warmth))


def _rear(body: _Body, profile: np.ndarray, paint: Colour, warmth: float, running: bool) -> None:
    half, roof = body.wide / 2, float(profile[:, 1].max())
    waist = 1.08 if roof > 1.6 else 0.92
    crown = 0.03 * body.long if roof > 1.6 else 0.19 * body.long
    pane = _slab(0.0, half * 0.97, waist, roof)
    upper = [pane[0], pane[1], (crown, half * 0.80, roof), (crown, -half * 0.80, roof)]
    body.fill(upper, Material(_tinted(paint, 1.05), warmth, grain=0.05))
    inner = [(a, y * 0.86, waist + 0.04 + (up - waist) * 0.84) for a, y, up in upper]
    body.fill(inner, _glass(warmth))
    body.fill(_slab(0, half, 0.28, waist), Material(_tinted(paint, 0.9), warmth, grain=0.05))
    body.fill(_slab(0, half, 0.28, 0.46), Material(_tinted(paint, 0.55), warmth + 0.5, grain=0.05))
    body.fill(_slab(0, 0.26, 0.60, 0.73), Material((0.7, 0.7, 0.65), warmth, retro=0.8))
    if running:
        pipe = [(0, half * 0.45 + 0.16 * c, 0.24 + 0.11 * s) for c, s in _circle(10)]
        body.fill(pipe, Material((0.05, 0.05, 0.05), warmth + 12))
    red = Material((0.35, 0.01, 0.01), warmth + 0.5, retro=1.2)
    _lights(body, 0.0, waist - 0.12, (1.3, 0.06, 0.04), running, warmth, red)


def _circle(n: int) -> list[tuple[float, float]]:
    return [(float(np.cos(a)), float(np.sin(a))) for a in np.linspace(0, 2 * np.pi, n)]


def _lights(
    body: _Body, at: float, up: float, glow: Colour, running: bool, warmth: float, off: Material
) -> None:
    """A pair of lamps at height `up`, alight at night if the car runs."""
    lit = body.world.night and running
    lamp = Material(off.colour, warmth + 3, glow=glow) if lit else off
    for side in (-1, 1):
        middle = side * (body.wide / 2 - 0.24)
        outline = [(at, middle + 0.18 * c, up + 0.09 * s) for c, s in _circle(14)]
        body.fill(outline, lamp)

"""Cars: boxes with a silhouette, warm where the engine, the tyres and the exhaust are."""

import numpy as np

from pipeline.demo.canvas import Colour, Material
from pipeline.demo.car_body import Body, oval, slab
from pipeline.demo.world import World, disc

_PAINTS: tuple[Colour, ...] = (
    (0.65, 0.65, 0.65), (0.30, 0.31, 0.33), (0.03, 0.03, 0.03), (0.04, 0.05, 0.10),
    (0.30, 0.03, 0.03), (0.05, 0.10, 0.30), (0.12, 0.12, 0.12), (0.06, 0.06, 0.07),
)  # fmt: skip

# Silhouettes from rear (0) to front (1) of the length, and heights in metres.
_SALOON = ((0, 0.30), (0.0, 0.85), (0.06, 0.95), (0.20, 1.42), (0.52, 1.44), (0.72, 0.95),
           (0.97, 0.78), (1, 0.55), (1, 0.30))  # fmt: skip
_VAN = ((0, 0.30), (0.0, 1.10), (0.03, 1.75), (0.70, 1.78), (0.86, 1.10), (0.98, 0.90), (1, 0.30))

_BLACK = (0.03, 0.03, 0.03)
_PLATE = (0.70, 0.70, 0.65)


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
    bent = np.arctan(2 * world.camera.bend * z)  # the road's direction there
    van = world.rng.random() < 0.25
    long, wide = (4.4, 1.75) if van else (4.2, 1.7)
    body = Body(
        world, x, z, float(np.deg2rad(heading) + bent), long, wide,
        profile=np.array(_VAN if van else _SALOON) * (long, 1),
        paint=_PAINTS[world.rng.integers(len(_PAINTS))],
        heat=world.road + world.pick(0.5, 2.5),
        engine=1.0 if warm else 0.0,
        lit=lit and world.night,
    )  # fmt: skip
    _underside(body)
    for side in sorted((-1, 1), key=lambda side: body.facing(0, side)):  # the far one first
        _side(body, side)
    if body.facing(1, 0):
        _front(body)
    if body.facing(-1, 0):
        _rear(body)


def _underside(body: Body) -> None:
    """The dark, warm ground under the car, up to the sills."""
    under = Material((0.02, 0.02, 0.02), body.world.road + 1.5, grain=0.1)
    half, ends = body.half * 0.96, (0.1, body.long - 0.1)
    corners = [(ends[0], -half), (ends[0], half), (ends[1], half), (ends[1], -half)]
    body.fill([(*corner, 0.0) for corner in corners], under)
    for (a0, c0), (a1, c1) in zip(corners, corners[1:] + corners[:1], strict=True):
        body.fill([(a0, c0, 0), (a1, c1, 0), (a1, c1, 0.32), (a0, c0, 0.32)], under)


def _side(body: Body, side: int) -> None:
    across = side * body.half
    body.fill([(a, across, up) for a, up in body.profile], body.metal(0.75))
    upper = body.profile[body.profile[:, 1] > 0.93]
    sill, middle = max(0.95, float(upper[0, 1])), float(upper[:, 0].mean())
    pane = [
        (middle + 0.86 * (a - middle), across, max(min(up, body.roof - 0.08), sill))
        for a, up in upper
    ]
    body.fill(pane, body.glass())
    pillar = [(middle - 0.1, sill), (middle, sill), (middle, body.roof), (middle - 0.1, body.roof)]
    body.fill([(a, across, up) for a, up in pillar], body.metal(0.75))
    for axle in (0.18 * body.long, 0.81 * body.long):
        tyre = Material(_BLACK, body.heat + 1 + 5 * body.engine)
        rim = Material((0.35, 0.35, 0.36), body.heat + 3 * body.engine)
        for radius, material in ((0.34, tyre), (0.19, rim)):
            wheel = disc(axle, 0.33, 0, radius, n=20)
            body.fill([(a, across * 1.01, up) for a, up, _ in wheel], material)


def _front(body: Body) -> None:
    half, nose = body.half, body.long
    hood, cowl = (0.90, 1.10) if body.van else (0.78, 0.95)
    foot, crown = (0.86, 0.70) if body.van else (0.72, 0.52)
    _screen(body, foot * body.long, crown * body.long, cowl)
    foot *= body.long
    bonnet = [(foot, -half, cowl), (foot, half, cowl), (nose, half, hood), (nose, -half, hood)]
    body.fill(bonnet, body.metal(1.2, 5 * body.engine))
    body.fill(slab(nose, half, 0.25, hood), body.metal(1.0, 4.5 * body.engine))
    grille = Material(_BLACK, body.heat + 10 * body.engine)
    body.fill(slab(nose, half * 0.62, 0.32, hood - 0.20), grille)
    body.fill(slab(nose, 0.26, 0.38, 0.50), Material(_PLATE, body.heat, retro=0.8))
    _lights(body, nose, hood - 0.12, Material((0.5, 0.5, 0.5), body.heat), (9.0, 8.6, 7.6))


def _rear(body: Body) -> None:
    half = body.half
    waist, crown = (1.08, 0.03) if body.van else (0.92, 0.19)
    _screen(body, 0.0, crown * body.long, waist)
    body.fill(slab(0, half, 0.28, waist), body.metal(0.9))
    body.fill(slab(0, half, 0.28, 0.46), body.metal(0.55, 0.5))
    body.fill(slab(0, 0.26, 0.60, 0.73), Material(_PLATE, body.heat, retro=0.8))
    if body.engine:
        exhaust = Material((0.05, 0.05, 0.05), body.heat + 12)
        body.fill(oval(0, half * 0.45, 0.24, 0.16, 0.11), exhaust)
    red = Material((0.35, 0.01, 0.01), body.heat + 0.5, retro=1.2)
    _lights(body, 0.0, waist - 0.12, red, (1.3, 0.06, 0.04))


def _screen(body: Body, foot: float, crown: float, waist: float) -> None:
    """A sloping window across the car from `waist` to the roof, in its frame."""
    half, roof = body.half, body.roof
    frame = [(foot, -half, waist), (foot, half, waist),
             (crown, half * 0.92, roof), (crown, -half * 0.92, roof)]  # fmt: skip
    body.fill(frame, body.metal(1.08))
    pane = [(a, y * 0.85, waist + 0.04 + (up - waist) * 0.86) for a, y, up in frame]
    body.fill(pane, body.glass())


def _lights(body: Body, at: float, up: float, off: Material, glow: Colour) -> None:
    """A pair of lamps at height `up`."""
    on = Material(off.colour, body.heat + 3, glow=glow)
    for side in (-1, 1):
        body.fill(oval(at, side * (body.half - 0.24), up, 0.18, 0.09), on if body.lit else off)

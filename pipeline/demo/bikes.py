"""Bicycles, with and without a rider."""

from collections.abc import Callable

import numpy as np

from pipeline.demo.camera import Float
from pipeline.demo.canvas import Colour, Material
from pipeline.demo.people import figure
from pipeline.demo.world import World, disc, limb

BIKE = 3  # class index

_FRAMES: tuple[Colour, ...] = (
    (0.45, 0.05, 0.05), (0.05, 0.15, 0.40), (0.50, 0.50, 0.50), (0.06, 0.06, 0.06),
    (0.08, 0.30, 0.15),
)  # fmt: skip
_WHEEL = 0.36  # radius, m
_REAR, _FRONT = (-0.54, _WHEEL), (0.54, _WHEEL)
_CRANK, _SEAT, _HEAD = (-0.10, 0.34), (-0.24, 0.86), (0.36, 0.84)
_BARS = (0.38, 1.06)

Put = Callable[[list[Float], Material | None], None]


def bike(world: World, x: float, z: float, rider: bool) -> None:
    """A bicycle across the line of sight, seen more or less from the side.

    Args:
        world: the scene.
        x: of its middle, m.
        z: distance, m.
        rider: whether somebody sits on it.
    """
    facing = 1.0 if world.rng.random() < 0.5 else -1.0
    turn = facing * world.pick(0.75, 1.0)  # cosine of the angle it is turned away by

    def put(outlines: list[Float], material: Material | None) -> None:
        flat = [o[:, :2] * (turn, 1) + (x, 0) for o in outlines]
        world.fill([np.column_stack((o, np.full(len(o), z))) for o in flat], material, z, BIKE)

    colour = _FRAMES[world.rng.integers(len(_FRAMES))]
    # Bare metal and paint mirror the cold sky: a bike that was not ridden is colder than the road.
    frame = Material(colour, world.road - world.pick(2.5, 4), grain=0.05)
    tyre = Material((0.03, 0.03, 0.03), world.road + (3.5 if rider else -2.0), grain=0.1)
    _wheels(put, tyre)
    _frame(put, frame)
    _details(put, rider)
    if rider:
        _ride(world, x, z, turn)


def _wheels(put: Put, tyre: Material) -> None:
    spokes = Material((0.30, 0.30, 0.31), tyre.heat - 0.5, grain=0.05)
    for cx, cy in (_REAR, _FRONT):
        put([disc(cx, cy, 0, _WHEEL)], None)  # the class covers what is seen through the spokes
        for angle in np.linspace(0, np.pi, 4, endpoint=False) + 0.2:
            dx, dy = _WHEEL * np.cos(angle), _WHEEL * np.sin(angle)
            put([limb((cx - dx, cy - dy), (cx + dx, cy + dy), 0.008, 0.008)], spokes)
        put([disc(cx, cy, 0, _WHEEL), disc(cx, cy, 0, _WHEEL - 0.065)], tyre)


def _frame(put: Put, paint: Material) -> None:
    inside = np.array([_REAR, _SEAT, _HEAD, _FRONT, _CRANK], dtype=np.float32)
    put([inside], None)
    tubes = [
        (_REAR, _CRANK), (_REAR, _SEAT), (_CRANK, _SEAT), (_CRANK, _HEAD), (_SEAT, _HEAD),
        (_HEAD, _FRONT), (_HEAD, _BARS),
    ]  # fmt: skip
    for start, end in tubes:
        put([limb(start, end, 0.038, 0.038)], paint)


def _details(put: Put, rider: bool) -> None:
    black = Material((0.03, 0.03, 0.03), 1.0, grain=0.1)
    metal = Material((0.35, 0.35, 0.36), 0.0, grain=0.05)
    basket = np.array([(0.40, 0.72), (0.72, 0.72), (0.78, 1.02), (0.38, 1.02)], dtype=np.float32)
    put([basket], metal)
    put([limb((-0.64, 0.74), (-0.26, 0.74), 0.03, 0.03)], metal)
    put([limb(_BARS, (0.22, 1.10), 0.03, 0.03)], black)
    if not rider:
        put([limb((-0.36, 0.95), (-0.12, 0.95), 0.05, 0.04)], black)
    reflector = Material((0.5, 0.02, 0.02), 0.5, retro=1.5)
    put([disc(-0.66, 0.66, 0, 0.06)], reflector)


def _ride(world: World, x: float, z: float, turn: float) -> None:
    """Somebody on the saddle, one foot down on its pedal."""

    def at(joint: tuple[float, float]) -> tuple[float, float]:
        return joint[0] * turn, joint[1]

    pedals = (at((-0.06, 0.20)), at((0.02, 0.52)))
    knees = (at((0.10, 0.62)), at((0.20, 0.80)))
    hands = (at((0.30, 1.12)), at((0.32, 1.10)))
    figure(world, (x, 0.0, z), 1.0, at((-0.22, 0.98)), at((0.06, 1.50)), pedals, knees, hands)

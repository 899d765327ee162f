"""People, warm at any hour, and bicycles, with and without a rider."""

import numpy as np

from pipeline.demo.canvas import Colour, Float, Material
from pipeline.demo.world import Point, World, disc, limb

PERSON, BIKE = 2, 3  # class indices

_CLOTHES: tuple[Colour, ...] = (
    (0.03, 0.03, 0.04), (0.05, 0.06, 0.12), (0.10, 0.10, 0.10), (0.16, 0.05, 0.05),
    (0.08, 0.10, 0.06), (0.25, 0.22, 0.18), (0.45, 0.45, 0.45), (0.05, 0.12, 0.25),
)  # fmt: skip
_FRAMES: tuple[Colour, ...] = ((0.45, 0.05, 0.05), (0.05, 0.15, 0.40), (0.06, 0.06, 0.06))
_WHEEL = 0.36  # radius, m
_REAR, _FRONT = (-0.54, _WHEEL), (0.54, _WHEEL)
_CRANK, _SEAT, _HEAD, _BARS = (-0.10, 0.34), (-0.24, 0.86), (0.36, 0.84), (0.38, 1.06)
_TUBES = (
    (_REAR, _CRANK), (_REAR, _SEAT), (_CRANK, _SEAT), (_CRANK, _HEAD), (_SEAT, _HEAD),
    (_HEAD, _FRONT), (_HEAD, _BARS),
)  # fmt: skip


def person(world: World, x: float, z: float) -> None:
    """A person who stands or walks at (x, z), 1.5 to 1.8 m tall."""
    stride = world.pick(0.02, 0.24)
    feet, hands = ((-stride, 0.05), (stride, 0.05)), ((-0.3 - stride / 3, 0.85), (0.3, 0.85))
    _figure(world, (x, z), world.pick(0.88, 1.08), (0, 0.88), (0, 1.46), feet, hands)


def _figure(
    world: World,
    place: Point,
    size: float,
    hips: Point,
    neck: Point,
    feet: tuple[Point, Point],
    hands: tuple[Point, Point],
) -> None:
    """A body in the plane that faces the camera; joints in metres from the ground at `place`."""
    warmth = world.road + (world.pick(5, 8) if world.night else world.pick(4, 7))
    coat, trousers = (
        Material(_CLOTHES[world.rng.integers(len(_CLOTHES))], heat, grain=0.15, round=0.3)
        for heat in (warmth, warmth - 1)
    )
    skin = Material((0.45, 0.30, 0.22), warmth + 4, grain=0.05)

    def put(outline: Float, material: Material) -> None:
        at = (outline * size + (place[0], 0)).astype(np.float32)
        world.upright([at], place[1], material, PERSON)

    for foot in feet:
        put(limb(hips, foot, 0.09), trousers)
    put(limb(hips, neck, 0.19), coat)
    for hand, side in zip(hands, (-1, 1), strict=True):
        put(limb((neck[0] + 0.19 * side, neck[1] - 0.06), hand, 0.075), coat)
    put(disc(neck[0], neck[1] + 0.20, 0.115, 0.15), skin)


def bike(world: World, x: float, z: float, rider: bool) -> None:
    """A bicycle across the line of sight, seen more or less from the side; `rider`: ridden."""
    turn = world.pick(0.75, 1.0) * float(world.rng.choice((-1, 1)))  # cosine of the angle to us

    def put(outlines: list[Float], material: Material | None) -> None:
        turned = [(one * (turn, 1) + (x, 0)).astype(np.float32) for one in outlines]
        world.upright(turned, z, material, BIKE)

    # Bare metal and paint mirror the cold sky: a bike that was not ridden is colder than the road.
    colour, cold = _FRAMES[world.rng.integers(len(_FRAMES))], world.road - world.pick(2.5, 4)
    paint = Material(colour, cold, grain=0.05)
    tyre = Material((0.03, 0.03, 0.03), world.road + (3.5 if rider else -2.0), grain=0.1)
    put([np.array([_REAR, _SEAT, _HEAD, _FRONT, _CRANK], dtype=np.float32)], None)
    for wheel in (_REAR, _FRONT):
        put([disc(*wheel, _WHEEL)], None)  # the class covers what is seen through the spokes
        put([disc(*wheel, _WHEEL), disc(*wheel, _WHEEL - 0.065)], tyre)
    for start, end in _TUBES:
        put([limb(start, end, 0.038)], paint)
    put([disc(-0.66, 0.66, 0.06)], Material((0.5, 0.02, 0.02), world.road, retro=1.5))
    if rider:
        feet, hands = ((-0.06 * turn, 0.20), (0.02 * turn, 0.45)), ((0.30 * turn, 1.1),) * 2
        _figure(world, (x, z), 1.0, (-0.22 * turn, 0.98), (0.06 * turn, 1.50), feet, hands)

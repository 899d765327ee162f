"""Street furniture with a class. All of it is as warm as the ground it stands on: a thermal
camera hardly sees it, paint and reflectors show it to the visible one.
"""  # noqa: D205

from itertools import pairwise

import numpy as np

from pipeline.demo.canvas import Material
from pipeline.demo.world import World, box

CURVE, CAR_STOP, GUARDRAIL, CONE, BUMP = 4, 5, 6, 7, 8  # class indices


def _near_ground(world: World) -> float:
    """Heat of something that has stood on the road for hours."""
    return world.road + world.pick(-0.8, 0.5)


def cone(world: World, x: float, z: float) -> None:
    """An orange traffic cone with two white bands, 0.75 to 0.95 m."""
    tall, heat = world.pick(0.75, 0.95), _near_ground(world)
    orange = Material((0.75, 0.13, 0.02), heat, retro=0.15, grain=0.06, round=0.35)
    white = Material((0.85, 0.85, 0.85), heat, retro=0.9, grain=0.05, round=0.35)
    world.upright([box(x - 0.27, x + 0.27, 0, 0.06)], z, orange, CONE)
    for low, high, material in ((0, 1, orange), (0.30, 0.48, white), (0.64, 0.80, white)):
        a, b = (0.2 * (1 - 0.85 * at) for at in (low, high))
        y0, y1 = (0.05 + at * tall for at in (low, high))
        ring = np.array([(x - a, y0), (x + a, y0), (x + b, y1), (x - b, y1)], dtype=np.float32)
        world.upright([ring], z, material, CONE)


def car_stop(world: World, x: float, z: float) -> None:
    """A bollard that keeps cars out: a dark post with a yellow or white band."""
    tall, half, heat = world.pick(0.78, 0.92), 0.15, _near_ground(world)
    post = Material((0.06, 0.06, 0.06), heat, grain=0.08, round=0.4)
    yellow = world.rng.random() < 0.6
    band = Material((0.75, 0.50, 0.03) if yellow else (0.8, 0.8, 0.8), heat, retro=0.8, round=0.4)
    world.upright([box(x - half, x + half, 0, tall)], z, post, CAR_STOP)
    for low, high in ((tall - 0.34, tall - 0.12), (0.14, 0.26)):
        world.upright([box(x - half, x + half, low, high)], z, band, CAR_STOP)


def guardrail(world: World, side: int, near: float, far: float) -> None:
    """Two white rails on posts along the road's edge, from `near` to `far` metres."""
    x, heat = (world.right if side > 0 else world.left) + 0.15 * side, _near_ground(world) - 0.5
    bright = world.pick(0.6, 0.85)
    white = Material((bright, bright, bright), heat, retro=0.3, grain=0.06)
    post = Material((bright * 0.45,) * 3, heat, grain=0.06)
    edges = 1 / np.linspace(1 / far, 1 / near, 14)  # even on the image, far first
    for z1, z0 in pairwise(edges.tolist()):
        for low, high, material in ((0.05, 0.88, None), (0.14, 0.40, white), (0.50, 0.88, white)):
            panel = [(x, low, z0), (x, low, z1), (x, high, z1), (x, high, z0)]
            world.fill([panel], material, GUARDRAIL)
        world.upright([box(x - 0.06, x + 0.06, 0, 0.8)], z0, post, GUARDRAIL)


def curve(world: World, side: int, near: float, far: float) -> None:
    """A kerb of light stones along the road's edge, every other one yellow at times."""
    inner = world.right if side > 0 else world.left
    heat, tone, outer = _near_ground(world), world.pick(0.55, 0.75), inner + 0.55 * side
    white, yellow = (tone, tone, tone * 0.95), (0.70, 0.48, 0.05)
    painted = world.rng.random() < 0.4
    for i, z in enumerate(np.arange(far, near, -1.0)):
        colour, z0 = (yellow if painted and i % 2 else white), max(z - 0.96, near)
        top = [(inner, 0.16, z0), (outer, 0.16, z0), (outer, 0.16, z), (inner, 0.16, z)]
        wall = [(inner, 0, z0), (inner, 0, z), (inner, 0.16, z), (inner, 0.16, z0)]
        for shape, light in ((top, 1.0), (wall, 0.7)):
            red, green, blue = (light * channel for channel in colour)
            stone = Material((red, green, blue), heat, retro=0.1, grain=0.08)
            world.fill([shape], stone, CURVE)


def bump(world: World, z: float) -> None:
    """A speed bump across the road, in yellow and black."""
    long, heat, width = world.pick(0.9, 1.3), _near_ground(world), 0.5
    dark = Material((0.04, 0.04, 0.04), heat, grain=0.1)
    yellow = Material((0.70, 0.47, 0.03), heat, retro=0.3, grain=0.1)
    for i, x in enumerate(np.arange(world.left, world.right - width, width)):
        rows = [(0.0, z), (0.09, z + 0.3 * long), (0.09, z + 0.7 * long), (0.0, z + long)]
        for (y1, z1), (y0, z0) in zip(rows[:0:-1], rows[-2::-1], strict=True):
            plate = [(x, y0, z0), (x + width, y0, z0), (x + width, y1, z1), (x, y1, z1)]
            world.fill([plate], yellow if i % 2 else dark, BUMP)

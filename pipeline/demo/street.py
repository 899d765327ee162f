"""Street furniture with a class. All of it is as warm as the ground it stands on: a thermal
camera hardly sees it, paint and reflectors show it to the visible one.
"""  # noqa: D205

from itertools import pairwise

import numpy as np

from pipeline.demo.canvas import Material
from pipeline.demo.world import World, box, disc

CURVE, CAR_STOP, GUARDRAIL, CONE, BUMP = 4, 5, 6, 7, 8  # class indices


def _near_ground(world: World) -> float:
    """Heat of something that has stood on the road for hours."""
    return world.road + world.pick(-0.8, 0.5)


def cone(world: World, x: float, z: float) -> None:
    """An orange traffic cone with two white bands, 0.7 to 0.9 m."""
    tall, half = world.pick(0.75, 0.95), 0.20
    heat = _near_ground(world)
    orange = Material((0.75, 0.13, 0.02), heat, retro=0.15, grain=0.06, round=0.35)
    white = Material((0.85, 0.85, 0.85), heat, retro=0.9, grain=0.05, round=0.35)
    base = Material((0.60, 0.10, 0.02), heat, grain=0.06)
    world.fill([box(x - 0.27, x + 0.27, 0, 0.06, z)], base, z, CONE)

    def ring(low: float, high: float, material: Material) -> None:
        a, b = half * (1 - 0.85 * low), half * (1 - 0.85 * high)
        y0, y1 = 0.05 + low * tall, 0.05 + high * tall
        world.fill([[(x - a, y0, z), (x + a, y0, z), (x + b, y1, z), (x - b, y1, z)]],
                   material, z, CONE)  # fmt: skip

    ring(0, 1, orange)
    ring(0.30, 0.48, white)
    ring(0.64, 0.80, white)


def car_stop(world: World, x: float, z: float) -> None:
    """A bollard that keeps cars out: a dark post with a yellow or white band."""
    tall, half, heat = world.pick(0.78, 0.92), 0.15, _near_ground(world)
    tone = world.pick(0.03, 0.10)
    post = Material((tone, tone, tone), heat, grain=0.08, round=0.4)
    yellow = world.rng.random() < 0.6
    band = Material((0.75, 0.50, 0.03) if yellow else (0.8, 0.8, 0.8), heat, retro=0.8, round=0.4)
    world.fill([box(x - half, x + half, 0, tall, z)], post, z, CAR_STOP)
    world.fill([disc(x, tall, z, half, 0.05)], post, z, CAR_STOP)
    world.fill([box(x - half, x + half, tall - 0.34, tall - 0.12, z)], band, z, CAR_STOP)
    world.fill([box(x - half, x + half, 0.14, 0.26, z)], band, z, CAR_STOP)


def guardrail(world: World, side: int, near: float, far: float) -> None:
    """Two white rails on posts along the road's edge, from `near` to `far` metres."""
    x = (world.right if side > 0 else world.left) + 0.15 * side
    heat = _near_ground(world) - 0.5
    bright = world.pick(0.6, 0.85)
    white = Material((bright, bright, bright), heat, retro=0.3, grain=0.06)
    fold = Material((bright * 0.45,) * 3, heat, grain=0.06)
    edges = 1 / np.linspace(1 / far, 1 / near, 14)  # even on the image, far first
    for z1, z0 in pairwise(edges.tolist()):

        def panel(low: float, high: float, z0: float = z0, z1: float = z1) -> list[tuple]:
            return [(x, low, z0), (x, low, z1), (x, high, z1), (x, high, z0)]

        world.fill([panel(0.05, 0.88)], None, label=GUARDRAIL)
        world.fill([box(x - 0.06, x + 0.06, 0, 0.8, z0)], fold, z0, GUARDRAIL)
        for low, high, material in ((0.14, 0.40, white), (0.50, 0.88, white), (0.66, 0.72, fold)):
            world.fill([panel(low, high)], material, label=GUARDRAIL)


def curve(world: World, side: int, near: float, far: float) -> None:
    """A kerb of light stones along the road's edge, painted here and there."""
    edge = world.right if side > 0 else world.left
    heat, tone = _near_ground(world), world.pick(0.55, 0.75)
    yellow = world.rng.random() < 0.4
    for i, z in enumerate(np.arange(far, near, -1.0)):
        light = tone * world.pick(0.9, 1.05)
        stone = Material((light, light, light * 0.95), heat, retro=0.06, grain=0.08)
        if yellow and i % 2:
            stone = Material((0.70, 0.48, 0.05), heat, retro=0.15, grain=0.08)
        face = Material(tuple(0.7 * c for c in stone.colour), heat, retro=stone.retro, grain=0.08)  # type: ignore[arg-type]
        inner, outer, z0 = edge, edge + 0.55 * side, max(z - 0.96, near)
        top = [(inner, 0.16, z0), (outer, 0.16, z0), (outer, 0.16, z), (inner, 0.16, z)]
        wall = [(inner, 0, z0), (inner, 0, z), (inner, 0.16, z), (inner, 0.16, z0)]
        world.fill([top], stone, label=CURVE)
        world.fill([wall], face, label=CURVE)


def bump(world: World, z: float) -> None:
    """A speed bump across the road, in yellow and black."""
    long, heat = world.pick(0.9, 1.3), _near_ground(world)
    dark = Material((0.04, 0.04, 0.04), heat, grain=0.1)
    yellow = Material((0.70, 0.47, 0.03), heat, retro=0.3, grain=0.1)
    width = 0.5
    count = int((world.right - world.left) / width)
    for i in range(count):
        x = world.left + i * width
        rows = [(0.0, z), (0.09, z + 0.3 * long), (0.09, z + 0.7 * long), (0.0, z + long)]
        for (y1, z1), (y0, z0) in zip(rows[:0:-1], rows[-2::-1], strict=True):
            plate = [(x, y0, z0), (x + width, y0, z0), (x + width, y1, z1), (x, y1, z1)]
            world.fill([plate], yellow if i % 2 else dark, label=BUMP)

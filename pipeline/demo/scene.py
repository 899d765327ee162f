"""A road scene from a seed: what stands where, painted from far to near."""

from collections.abc import Callable
from functools import partial

import numpy as np

from pipeline.demo import backdrop, sensors, street
from pipeline.demo.canvas import Canvas
from pipeline.demo.cars import car
from pipeline.demo.people import bike, person
from pipeline.demo.world import Camera, World
from pipeline.images.pixels import Uint8

_FINE = 288  # rows of the canvas at least, so that thin things survive in small images

Thing = tuple[float, Callable[[], None]]
"""Distance in metres, and how to paint it."""

Range = tuple[float, float]


def draw_scene(
    rng: np.random.Generator, height: int, width: int, night: bool
) -> tuple[Uint8, Uint8, Uint8]:
    """Draw one scene.

    Args:
        rng: decides everything; equal states give equal scenes.
        height: of the images, pixels.
        width: of the images, pixels.
        night: whether the sun is down.

    Returns:
        ir (height, width), vis (height, width, 3) RGB and label (height, width) with MSRS's
        classes 0 to 8, all uint8.
    """
    factor = max(2, -(-_FINE // height))
    world = _world(rng, height * factor, width * factor, night)
    backdrop.sky(world)
    backdrop.skyline(world)
    backdrop.ground(world)
    backdrop.roadside(world)
    _along_the_road(world)
    for _, paint in sorted(_things(world), key=lambda thing: -thing[0]):
        paint()
    label = world.canvas.label[factor // 2 :: factor, factor // 2 :: factor]
    return sensors.infrared(world, factor), sensors.visible(world, factor), label.copy()


def _world(rng: np.random.Generator, height: int, width: int, night: bool) -> World:
    camera = Camera(height, width, rng.uniform(0.36, 0.44) * height, 0.95 * width)
    road = rng.uniform(2, 3.5) if night else rng.uniform(4, 8)
    left, right = -rng.uniform(2.4, 3.8), rng.uniform(2.4, 3.8)
    return World(rng, camera, Canvas(rng, height, width), night, road, left, right)


def _along_the_road(world: World) -> None:
    """At times a kerb on one side, a guardrail on the other, a bump across."""
    side = 1 if world.rng.random() < 0.5 else -1
    if world.rng.random() < 0.55:
        street.curve(world, side, world.pick(3.5, 6), world.pick(14, 22))
    if world.rng.random() < 0.27:
        street.guardrail(world, -side, world.pick(3.5, 6), world.pick(16, 30))
    if world.rng.random() < 0.27:
        street.bump(world, world.pick(4.8, 8.0))


def _things(world: World) -> list[Thing]:
    """What stands on the road: each takes its columns of the image, so that few hide each other."""
    rng, taken, things = world.rng, list[Range](), list[Thing]()

    def put(paint: Callable[..., None], half: float, x: Range, z: Range) -> None:
        """Find a free place for something 2·`half` m wide in these ranges, if there is one."""
        for _ in range(30):
            at, away = world.pick(*x), world.pick(*z)
            ends = world.camera.project([(at - half, 0, away), (at + half, 0, away)])
            left, right = float(ends[0, 0]), float(ends[1, 0])
            inside = left > -0.08 * world.camera.width and right < 1.08 * world.camera.width
            if inside and all(right < a or left > b for a, b in taken):
                taken.append((left, right))
                things.append((away, partial(paint, world, at, away)))
                return

    def beside(metres: float) -> Range:
        return world.left - metres, world.right + metres

    for _ in range(rng.choice(3, p=(0.35, 0.48, 0.17))):
        put(*_car(world))
    for _ in range(rng.choice(4, p=(0.14, 0.45, 0.29, 0.12))):
        put(person, 0.35, beside(0.8), (5.5, 12.0))
    if rng.random() < 0.48:
        put(partial(bike, rider=bool(rng.random() < 0.4)), 0.9, beside(0.5), (4.8, 8.0))
    for paint, chance, most in ((street.cone, 0.32, 3), (street.car_stop, 0.38, 4)):
        if rng.random() < chance:
            for _ in range(rng.integers(1, most + 1)):
                put(paint, 0.25, beside(0.3), (4.4, 7.5))
    return things


def _car(world: World) -> tuple[Callable[..., None], float, Range, Range]:
    """A car that is parked, ahead of us, coming towards us or crossing, and where it may be."""
    rng = world.rng
    kind = rng.choice(4, p=(0.50, 0.15, 0.20, 0.15))
    parked = kind == 0
    warm = not parked or bool(rng.random() < 0.7)
    turned = world.pick(-8, 8)
    if parked:
        side = 1 if rng.random() < 0.5 else -1
        edge = world.right if side > 0 else world.left
        ends = sorted((edge - 0.9 * side, edge + 0.2 * side))
        lane, away, heading, half = (ends[0], ends[1]), (7.5, 13.0), rng.choice((0, 180)), 1.1
    elif kind == 1:
        lane, away, heading, half = (-0.8, 0.8), (8.0, 13.0), 0, 1.1
    elif kind == 2:
        lane, away, heading, half = (world.left + 0.6, world.left + 1.6), (8.0, 14.0), 180, 1.1
    else:
        lane, away, heading, half = (-4.0, 4.0), (9.0, 14.0), rng.choice((90, -90)), 2.1
    return partial(car, heading=heading + turned, warm=warm, lit=not parked), half, lane, away

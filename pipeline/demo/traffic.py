"""What happens on the road: which things, how many and where, painted from far to near."""

from collections.abc import Callable
from functools import partial

from pipeline.demo.bikes import bike
from pipeline.demo.cars import car
from pipeline.demo.people import person
from pipeline.demo.street import bump, car_stop, cone, curve, guardrail
from pipeline.demo.world import World

Thing = tuple[float, Callable[[], None]]
"""Distance in metres, and how to paint it."""

Range = tuple[float, float]


class Places:
    """Room on the image: each thing takes its columns, so that few of them hide each other."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.taken: list[Range] = []

    def find(self, half: float, x: Range, z: Range) -> tuple[float, float] | None:
        """A free (x, z) in these ranges for something 2·`half` m wide; None if there is none."""
        camera = self.world.camera
        for _ in range(30):
            at, away = self.world.pick(*x), self.world.pick(*z)
            ends = camera.project([(at - half, 0, away), (at + half, 0, away)])
            left, right = float(ends[0, 0]), float(ends[1, 0])
            if left < -0.08 * camera.width or right > 1.08 * camera.width:
                continue
            if all(right < a or left > b for a, b in self.taken):
                self.taken.append((left, right))
                return at, away
        return None


def place(world: World) -> None:
    """Furnish the scene: first what lies along the road, then what stands on it."""
    rng, places = world.rng, Places(world)
    _edges(world)
    if rng.random() < 0.27:
        bump(world, world.pick(4.8, 8.0))
    things: list[Thing] = []
    for _ in range(rng.choice(3, p=(0.35, 0.48, 0.17))):
        things += _car(world, places)
    for _ in range(rng.choice(4, p=(0.14, 0.45, 0.29, 0.12))):
        things += _somewhere(world, places, person, 0.35, (5.5, 12.0), 0.8)
    if rng.random() < 0.48:
        ridden = bool(rng.random() < 0.4)
        things += _somewhere(world, places, partial(bike, rider=ridden), 0.9, (4.8, 8.0), 0.5)
    things += _row(world, places, cone, 0.32, most=3)
    things += _row(world, places, car_stop, 0.38, most=4)
    for _, paint in sorted(things, key=lambda thing: -thing[0]):
        paint()


def _edges(world: World) -> None:
    """A kerb on one side, a guardrail on the other or on neither."""
    side = 1 if world.rng.random() < 0.5 else -1
    if world.rng.random() < 0.55:
        curve(world, side, world.pick(3.5, 6), world.pick(14, 22))
    if world.rng.random() < 0.27:
        guardrail(world, -side, world.pick(3.5, 6), world.pick(16, 30))


def _car(world: World, places: Places) -> list[Thing]:
    """A car that is parked, ahead of us, coming towards us or crossing."""
    kind = world.rng.choice(4, p=(0.50, 0.15, 0.20, 0.15))
    side = 1 if world.rng.random() < 0.5 else -1
    edge = world.right if side > 0 else world.left
    heading, half, lit = 0.0, 1.1, True
    if kind == 0:
        lane, away = (edge - 0.9 * side, edge + 0.2 * side), (7.5, 13.0)
        heading, lit = float(world.rng.choice((0, 180))), False
    elif kind == 1:
        lane, away = (-0.8, 0.8), (8.0, 13.0)
    elif kind == 2:
        lane, away, heading = (world.left + 0.6, world.left + 1.6), (8.0, 14.0), 180.0
    else:
        lane, away, half = (-4.0, 4.0), (9.0, 14.0), 2.1
        heading = float(world.rng.choice((90, -90)))
    heading += world.pick(-8, 8)
    warm = lit or bool(world.rng.random() < 0.7)
    spot = places.find(half, (min(lane), max(lane)), away)
    if spot is None:
        return []
    return [(spot[1], partial(car, world, *spot, heading=heading, warm=warm, lit=lit))]


def _somewhere(
    world: World,
    places: Places,
    paint: Callable[..., None],
    half: float,
    away: Range,
    beside: float,
) -> list[Thing]:
    """One thing on the road or up to `beside` metres off it."""
    spot = places.find(half, (world.left - beside, world.right + beside), away)
    return [] if spot is None else [(spot[1], partial(paint, world, *spot))]


def _row(
    world: World, places: Places, paint: Callable[..., None], probability: float, most: int
) -> list[Thing]:
    """Up to `most` small things, each in its own place; often none."""
    if world.rng.random() >= probability:
        return []
    count = world.rng.integers(1, most + 1)
    found = [_somewhere(world, places, paint, 0.25, (4.4, 7.5), 0.3) for _ in range(count)]
    return [thing for one in found for thing in one]

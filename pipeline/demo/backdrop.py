"""What has no class: sky, far trees, the ground with its paint and wear, trees and street lamps."""

import numpy as np

from pipeline.demo.canvas import Material, noise, rgb
from pipeline.demo.world import Point, World, box, disc, limb

FAR = 250.0  # where the drawn ground ends, m
_LEAVES = ((0.10, 0.20, 0.04), (0.07, 0.15, 0.05), (0.14, 0.22, 0.06), (0.30, 0.17, 0.04))


def sky(world: World) -> None:
    """Bright by day, dark by night; always far colder than the air."""
    canvas = world.canvas
    height, width = canvas.size
    clouds = np.clip(noise(world.rng, height, width, 5) * 0.5 + world.pick(-0.3, 0.8), 0, 1)
    clear = rgb(0.008, 0.008, 0.010) if world.night else rgb(0.45, 0.62, 0.90)
    cloud = rgb(0.010, 0.009, 0.009) if world.night else rgb(0.95, 0.95, 0.95)
    canvas.glow[:] = clear + clouds[..., None] * (cloud - clear)
    canvas.heat[:] = -18 + 8 * clouds


def skyline(world: World) -> None:
    """A row of far trees along the horizon."""
    x = np.linspace(-130, 130, 120)
    crowns = np.maximum(7 * (1 + 0.35 * noise(world.rng, 2, 120, 14)[0]), 1)
    crest = np.concatenate((np.stack((x, crowns), axis=1), [(130.0, -1.0), (-130.0, -1.0)]))
    leaves = Material(_LEAVES[0], world.pick(-0.5, 1), grain=0.45, warm_grain=0.6)
    world.upright([crest], 90.0, leaves)


def ground(world: World) -> None:
    """Verge, pavements, asphalt, and paint on it."""
    verge = Material((0.09, 0.15, 0.05), world.road - world.pick(1.5, 3), grain=0.3)
    world.ground(_strip(-FAR, FAR), verge)
    tone = world.pick(0.28, 0.42)
    stone = Material((tone, tone * 0.96, tone * 0.9), world.road - 0.6)
    world.ground(_strip(world.left - 3, world.right + 3), stone)
    tone = world.pick(0.10, 0.20)
    asphalt = Material((tone, tone, tone * 1.03), world.road, grain=0.05)
    world.ground(_strip(world.left, world.right), asphalt)
    _marks(world)
    _wear(world)


def _strip(x0: float, x1: float) -> list[Point]:
    return [(x0, 1.0), (x1, 1.0), (x1, FAR), (x0, FAR)]


def _marks(world: World) -> None:
    """White paint: edge lines at times, a dashed line."""
    worn = world.pick(0.35, 0.75)
    paint = Material((worn, worn, worn * 0.95), world.road - 0.3, retro=0.15, grain=0.25)
    for edge, inward in ((world.left, 1), (world.right, -1)):
        if world.rng.random() < 0.7:
            world.ground(_strip(edge + 0.15 * inward, edge + 0.30 * inward), paint)
    middle = (world.left + world.right) / 2 + world.pick(-0.4, 0.4)
    for z in np.arange(world.pick(2, 7), 90, 8.0):
        x0, x1 = middle - 0.07, middle + 0.07
        world.ground([(x0, z), (x1, z), (x1, z + 4), (x0, z + 4)], paint)


def _wear(world: World) -> None:
    """Grit that follows the perspective, and tracks that tyres have warmed."""
    canvas, depth = world.canvas, world.camera.ground_depth()
    top = int(np.argmax(depth[:, 0] < FAR))
    x, z = world.camera.unproject(depth)[0][top:], depth[top:]
    texture = noise(world.rng, 256, 256, 64, octaves=3)
    # Mirrored rather than repeated, so that there is no seam.
    rows, columns = (np.abs(np.floor(at * 24).astype(np.int64) % 510 - 255) for at in (z, x))
    grit = texture[rows, columns] * np.minimum(1, 8 / z)
    tracks = sum(np.exp(-(((x - track) / 0.28) ** 2)) for track in (-0.75, 0.75))
    factor = np.clip(1 + 0.18 * grit - 0.12 * tracks, 0.2, 2)
    canvas.colour[top:] = np.clip(canvas.colour[top:] * factor[..., None], 0, 1)
    canvas.heat[top:] += 0.5 * tracks + 0.3 * grit


def roadside(world: World) -> None:
    """Trees and lamps on both sides, the far ones first."""
    for side in (-1, 1):
        edge = world.right if side > 0 else world.left
        for z in np.arange(60, world.pick(8, 12), -world.pick(5, 9)):
            _tree(world, edge + side * world.pick(3.5, 7), float(z))
        if world.rng.random() < 0.75:
            for z in np.arange(60, world.pick(7, 12), -world.pick(14, 22)):
                _lamp(world, edge + side * 0.9, float(z), -side)


def _tree(world: World, x: float, z: float) -> None:
    """A trunk and a crown of tufts, the upper ones brighter."""
    tall, wide = world.pick(4, 9), world.pick(1.3, 2.6)
    bark = Material((0.12, 0.09, 0.07), world.pick(0.5, 2), grain=0.3, round=0.5)
    world.upright([limb((x, 0), (x, 0.6 * tall), 0.14)], z, bark)
    leaf, warmth = _LEAVES[world.rng.integers(len(_LEAVES))], world.pick(-0.5, 1.2)
    tufts = world.rng.uniform(-1, 1, size=(20, 2))
    for dx, dy in tufts[np.argsort(tufts[:, 1])]:
        red, green, blue = (channel * (1.1 + 0.5 * dy) for channel in leaf)
        tuft = Material((red, green, blue), warmth, grain=0.4, warm_grain=0.7)
        round_ = disc(x + 0.6 * wide * dx, 0.72 * tall + 0.22 * tall * dy, 0.35 * wide)
        world.upright([round_], z, tuft)


def _lamp(world: World, x: float, z: float, towards: int) -> None:
    """A street lamp; at night most of them light what is around them."""
    pole = Material((0.25, 0.26, 0.26), world.pick(-0.5, 0.5), grain=0.02)
    end = x + 0.9 * towards
    world.upright([limb((x, 0), (x, 5.5), 0.06), limb((x, 5.5), (end, 5.7), 0.05)], z, pole)
    on = world.night and world.rng.random() < 0.6
    glow = (6.0, 5.2, 3.8) if on else (0.0, 0.0, 0.0)
    head = Material((0.5, 0.5, 0.5), 9.0 if on else 0.0, glow=glow)
    world.upright([box(end - 0.25, end + 0.25, 5.6, 5.72)], z, head)
    if on:
        world.lamps.append((end, z))

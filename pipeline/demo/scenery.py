"""What stands around the road and has no class: sky, far trees, houses, trees, lamps, signs."""

import numpy as np

from pipeline.demo.camera import Float, rgb
from pipeline.demo.canvas import Colour, Material, noise
from pipeline.demo.world import Lamp, World, box, disc, limb

_LEAVES = ((0.10, 0.20, 0.04), (0.07, 0.15, 0.05), (0.14, 0.22, 0.06), (0.30, 0.17, 0.04))
_WALLS = ((0.45, 0.38, 0.30), (0.38, 0.22, 0.16), (0.50, 0.49, 0.46), (0.32, 0.33, 0.36))
_LAMP_COLOURS = ((1.0, 0.93, 0.80), (1.0, 0.72, 0.38), (0.85, 0.95, 1.0))


def sky(world: World) -> None:
    """Bright by day, dark by night; always far colder than the air."""
    canvas = world.canvas
    height, width = canvas.size
    up = np.clip(1 - np.arange(height, dtype=np.float32) / world.camera.horizon, 0, 1)[:, None]
    clouds = np.clip(noise(world.rng, height, width, 5) * 0.5 + world.pick(-0.3, 0.8), 0, 1)
    if world.night:
        top, low, cloud = (
            rgb(0.002, 0.003, 0.006),
            rgb(0.012, 0.011, 0.012),
            rgb(0.01, 0.009, 0.009),
        )
    else:
        top, low, cloud = rgb(0.22, 0.42, 0.80), rgb(0.75, 0.85, 0.98), rgb(0.95, 0.95, 0.95)
    clear = low + up * (top - low)
    canvas.glow[:] = clear[:, None] + clouds[..., None] * (cloud - clear[:, None])
    canvas.heat[:] = -22 + 8 * clouds + 6 * (1 - up)


def skyline(world: World) -> None:
    """Two rows of far trees along the horizon."""
    x = np.linspace(-130, 130, 200)
    for away, tall in ((140.0, 10.0), (90.0, 6.0)):
        crowns = tall * (1 + 0.35 * noise(world.rng, 2, 200, 14)[0])
        crest = np.stack((x, np.maximum(crowns, 1), np.full_like(x, away)), axis=1)
        foot = [(130.0, -1.0, away), (-130.0, -1.0, away)]
        leaves = Material(_leaf(world), world.pick(-0.5, 1), grain=0.45, warm_grain=0.6)
        world.fill([np.concatenate((crest, foot))], leaves)


def roadside(world: World) -> None:
    """Houses, trees, hedges, lamps and signs on both sides, the far ones first."""
    things = []
    for side in (-1, 1):
        edge = world.right if side > 0 else world.left
        houses = world.rng.random() < 0.6
        z = world.pick(8, 14)
        while z < 70:
            setback = edge + side * world.pick(3.5, 7)
            kind = house if houses and world.rng.random() < 0.6 else tree
            things.append((z, kind, setback))
            z += world.pick(10, 16) if kind is house else world.pick(4, 9)
        if world.rng.random() < 0.5:
            things += [(z, hedge, edge + side * 3.2) for z in np.arange(7, 40, 4.0)]
        if world.rng.random() < 0.75:
            spacing = world.pick(14, 22)
            things += [
                (z, lamp, edge + side * 0.9) for z in np.arange(world.pick(7, 14), 60, spacing)
            ]
        if world.rng.random() < 0.4:
            things.append((world.pick(9, 22), sign, edge + side * world.pick(0.5, 1.5)))
    for z, kind, x in sorted(things, key=lambda thing: -thing[0]):
        kind(world, x, float(z))


def _leaf(world: World) -> Colour:
    return _LEAVES[world.rng.choice(len(_LEAVES), p=(0.32, 0.32, 0.26, 0.10))]


def _tinted(colour: Colour, factor: float) -> Colour:
    red, green, blue = colour
    return red * factor, green * factor, blue * factor


def tree(world: World, x: float, z: float) -> None:
    """A trunk and a crown of tufts, the upper ones brighter."""
    tall, wide = world.pick(4, 10), world.pick(1.3, 2.6)
    bark = Material((0.12, 0.09, 0.07), world.pick(0.5, 2), grain=0.3, round=0.5)
    lean = world.pick(-0.3, 0.3)
    trunk = limb((x, -0.1), (x + lean, 0.6 * tall), 0.18, 0.10)
    world.fill([_at(trunk, z)], bark)
    leaf, warmth = _leaf(world), world.pick(-0.5, 1.2)
    tufts = world.rng.normal(size=(36 if z < 25 else 16, 2)).clip(-1.7, 1.7) * (
        0.42 * wide,
        0.16 * tall,
    )
    for dx, dy in tufts[np.argsort(tufts[:, 1])]:
        light = 0.65 + 0.9 / (1 + np.exp(-dy)) * world.pick(0.5, 1.0)
        material = Material(_tinted(leaf, light), warmth, grain=0.4, warm_grain=0.7)
        size = world.pick(0.35, 0.8) * wide * 0.5
        y = max(0.72 * tall + dy, 1.6)
        world.fill([disc(x + lean + dx, y, z, size, size * 0.8, n=9)], material)


def hedge(world: World, x: float, z: float) -> None:
    """A stretch of bushes along the pavement."""
    leaf = _leaf(world)
    for dz in (3.0, 2.0, 1.0, 0.0):
        light = world.pick(0.7, 1.1)
        bush = Material(_tinted(leaf, light), world.pick(-0.5, 0.8), grain=0.4, warm_grain=0.6)
        world.fill([disc(x, 0.5, z + dz, 0.9, world.pick(0.5, 0.75), n=11)], bush)


def house(world: World, x: float, z: float) -> None:
    """A block along the road: the wall on the road's side, the end wall, windows on both."""
    long, tall, deep = world.pick(8, 14), world.pick(4, 14), world.pick(8, 14)
    outward = 1 if x > 0 else -1
    colour = _WALLS[world.rng.integers(len(_WALLS))]
    warmth = world.pick(0.5, 2) if world.night else world.pick(2, 5)
    wall = Material(colour, warmth, grain=0.08, warm_grain=0.25)
    end = Material(_tinted(colour, 0.72), warmth - 0.5, grain=0.08, warm_grain=0.25)
    lit = world.pick(0, 0.35) if world.night else 0.0

    def along(s: Float, y: Float) -> Float:
        return np.stack((np.full_like(s, x), y, z + s), axis=1)

    def across(s: Float, y: Float) -> Float:
        return np.stack((x + outward * s, y, np.full_like(s, z)), axis=1)

    for place, length, material in ((along, long, wall), (across, deep, end)):
        world.fill(
            [place(np.array([0, length, length, 0]), np.array([0, 0, tall, tall]))], material
        )
        for s in np.arange(0.8, length - 1.4, 2.4):
            for y in np.arange(0.9, tall - 1.5, 2.9):
                pane = place(np.array([s, s + 1.3, s + 1.3, s]), np.array([y, y, y + 1.5, y + 1.5]))
                world.fill([pane], _window(world, warmth, lit))


def _window(world: World, warmth: float, lit: float) -> Material:
    """Dark glass that mirrors the sky by day; at night a share `lit` of them is bright."""
    if world.rng.random() < lit:
        power = world.pick(0.1, 0.5)
        return Material((0.1, 0.1, 0.1), warmth + 1.5, glow=(power, power * 0.85, power * 0.6))
    tone = world.pick(0.05, 0.16)
    return Material((tone * 0.8, tone, tone * 1.2), warmth - 1.2, grain=0.02, warm_grain=0.1)


def lamp(world: World, x: float, z: float) -> None:
    """A street lamp; at night it lights what is around it."""
    tall, reach = 5.5, -0.9 if x > 0 else 0.9
    pole = Material((0.25, 0.26, 0.26), world.pick(-0.5, 0.5), grain=0.02, round=0.5)
    world.fill([_at(limb((x, 0), (x, tall), 0.07, 0.05), z)], pole)
    world.fill([_at(limb((x, tall), (x + reach, tall + 0.25), 0.05, 0.05), z)], pole)
    on = world.night and world.rng.random() < 0.6
    colour = _LAMP_COLOURS[world.rng.integers(len(_LAMP_COLOURS))]
    head = Material((0.5, 0.5, 0.5), 9.0 if on else 0.0, glow=_tinted(colour, 6.0 if on else 0.0))
    world.fill([disc(x + reach, tall + 0.2, z, 0.28, 0.10)], head)
    if on:
        world.lamps.append(Lamp(x + reach, tall, z, world.pick(0.5, 1), colour))


def sign(world: World, x: float, z: float) -> None:
    """A round traffic sign on a pole."""
    pole = Material((0.45, 0.45, 0.45), 0.0, grain=0.02, round=0.5)
    world.fill([_at(limb((x, 0), (x, 2.6), 0.04, 0.04), z)], pole)
    rim, plate = ((0.55, 0.03, 0.04), (0.75, 0.75, 0.75)), ((0.04, 0.10, 0.45), (0.7, 0.7, 0.7))
    outer, inner = rim if world.rng.random() < 0.6 else plate
    world.fill([disc(x, 2.5, z, 0.36)], Material(outer, -0.5, retro=0.4))
    world.fill([disc(x, 2.5, z, 0.24)], Material(inner, -0.5, retro=0.5))
    world.fill([box(x - 0.16, x + 0.16, 2.44, 2.56, z)], Material(outer, -0.5, retro=0.4))


def _at(outline: Float, z: float) -> Float:
    """A flat outline (n,2) of x and y, put up `z` metres ahead."""
    return np.column_stack((outline, np.full(len(outline), z)))

"""The ground: verge, pavements, asphalt with its wear, painted marks."""

import numpy as np

from pipeline.demo.camera import Float
from pipeline.demo.canvas import Material, noise
from pipeline.demo.world import World

FAR = 250.0  # where the drawn ground ends, m

_VERGES = ((0.10, 0.16, 0.05), (0.08, 0.13, 0.05), (0.20, 0.17, 0.10))


def ground(world: World) -> None:
    """Draw everything that lies flat on the ground and has no class."""
    colour = _VERGES[world.rng.integers(len(_VERGES))]
    cooler = world.road - world.pick(1.5, 3)
    world.ground(_strip(-FAR, FAR), Material(colour, cooler, grain=0.3, warm_grain=0.6))
    tone = world.pick(0.28, 0.42)
    stone = Material((tone, tone * 0.96, tone * 0.9), world.road - 0.6)
    world.ground(_strip(world.left - world.pick(1.5, 4), world.left), stone)
    world.ground(_strip(world.right, world.right + world.pick(1.5, 4)), stone)
    tone = world.pick(0.10, 0.20)
    asphalt = Material((tone, tone, tone * 1.03), world.road, grain=0.05)
    world.ground(_strip(world.left, world.right), asphalt)
    _patches(world, tone)
    _marks(world)
    _wear(world)


def _strip(x0: float, x1: float) -> list[tuple[float, float]]:
    return [(x0, 1.0), (x1, 1.0), (x1, FAR), (x0, FAR)]


def _patches(world: World, tone: float) -> None:
    """Repairs of the asphalt, darker or lighter than the rest."""
    for _ in range(world.rng.integers(0, 4)):
        x, z = world.pick(world.left, world.right - 1), world.pick(4, 20)
        wide, long, shade = world.pick(0.6, 2), world.pick(1, 6), tone * world.pick(0.65, 1.25)
        material = Material((shade, shade, shade), world.road + world.pick(-0.4, 0.4))
        corners = [(x, z), (x + wide, z + 0.1), (x + wide, z + long), (x, z + long)]
        world.ground(corners, material)


def _marks(world: World) -> None:
    """White paint: edge lines, a dashed line, at times a crossing."""
    worn = world.pick(0.35, 0.75)
    paint = Material((worn, worn, worn * 0.95), world.road - 0.3, retro=0.15, grain=0.25)
    for edge, inward in ((world.left, 1), (world.right, -1)):
        if world.rng.random() < 0.7:
            world.ground(_strip(edge + 0.15 * inward, edge + 0.30 * inward), paint)
    middle = (world.left + world.right) / 2 + world.pick(-0.4, 0.4)
    for start in np.arange(world.pick(2, 7), 90, 8.0):
        corners = [(middle - 0.07, start), (middle + 0.07, start)]
        world.ground([*corners, (middle + 0.07, start + 4), (middle - 0.07, start + 4)], paint)
    if world.rng.random() < 0.25:
        _crossing(world, world.pick(9, 16), paint)


def _crossing(world: World, start: float, paint: Material) -> None:
    for x in np.arange(world.left + 0.4, world.right - 0.5, 0.9):
        world.ground([(x, start), (x + 0.45, start), (x + 0.45, start + 3), (x, start + 3)], paint)


def _wear(world: World) -> None:
    """Grit that follows the perspective, and tracks that tyres have polished and warmed."""
    canvas = world.canvas
    depth = np.broadcast_to(world.camera.ground_depth()[:, None], canvas.size)
    x, _ = world.camera.unproject(depth)
    top = int(np.argmax(depth[:, 0] < FAR))
    x, z = x[top:], depth[top:]
    near = np.minimum(1, 8 / z)  # grains far away are smaller than a pixel
    grit = 0.16 * near * _tile(world, 9.0, x, z) + 0.13 * _tile(world, 0.7, x, z)
    tracks = sum(np.exp(-(((x - track) / 0.28) ** 2)) for track in (-0.75, 0.75))
    factor = np.clip(1 + grit - 0.12 * tracks, 0.2, 2)
    canvas.colour[top:] = np.clip(canvas.colour[top:] * factor[..., None], 0, 1)
    canvas.heat[top:] += 0.5 * tracks + 0.4 * _tile(world, 0.5, x, z)


def _tile(world: World, cells: float, x: Float, z: Float) -> Float:
    """A texture of `cells` grains a metre, mirrored over the ground, looked up at (x, z)."""
    texture = noise(world.rng, 256, 256, 64, octaves=3)
    # Mirrored rather than repeated, so that there is no seam.
    rows, columns = (np.abs(np.floor(at * cells * 4).astype(np.int64) % 510 - 255) for at in (z, x))
    found: Float = texture[rows, columns]
    return found

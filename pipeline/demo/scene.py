"""A road scene from a seed: what stands where, painted from far to near."""

import numpy as np

from pipeline.demo import scenery, sensors
from pipeline.demo.camera import Camera
from pipeline.demo.canvas import Canvas
from pipeline.demo.ground import ground
from pipeline.demo.traffic import place
from pipeline.demo.world import World
from pipeline.images.pixels import Uint8

_FINE = 288  # rows of the canvas at least, so that thin things survive in small images


def _world(rng: np.random.Generator, height: int, width: int, night: bool) -> World:
    horizon = rng.uniform(0.36, 0.44) * height
    camera = Camera(height, width, horizon, 0.95 * width, rng.uniform(-0.004, 0.004))
    road = rng.uniform(2, 3.5) if night else rng.uniform(4, 8)
    left, right = -rng.uniform(2.4, 3.8), rng.uniform(2.4, 3.8)
    return World(rng, camera, Canvas(rng, height, width), night, road, left, right, [])


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
    scenery.sky(world)
    scenery.skyline(world)
    ground(world)
    scenery.roadside(world)
    place(world)
    label = world.canvas.label[factor // 2 :: factor, factor // 2 :: factor]
    return sensors.infrared(world, factor), sensors.visible(world, factor), label.copy()

"""How much light falls on each pixel: sun and sky by day, headlights and lamps by night."""

import cv2
import numpy as np

from pipeline.demo.camera import Float, rgb
from pipeline.demo.canvas import noise
from pipeline.demo.world import World

_HEADLIGHT_COLOUR = (1.0, 0.95, 0.86)
_HEADLIGHT_HEIGHT = 0.65  # m


def daylight(world: World) -> Float:
    """(H,W,3) light of sky and sun; shade lies in blotches and on one side of the road."""
    x, _ = world.camera.unproject(world.canvas.depth)
    z = world.canvas.depth
    blotches = noise(world.rng, 128, 128, 10, octaves=3)
    shade = blotches[np.floor(z * 4).astype(int) % 128, np.floor(x * 4).astype(int) % 128]
    edge = world.pick(-6, 6)
    side = 1 if world.rng.random() < 0.5 else -1
    sunny = 1 / (1 + np.exp(-(2.2 * shade + 1.2 * np.clip(side * (x - edge), -3, 3))))
    sun = world.pick(0.1, 1.0) * rgb(1.0, 0.93, 0.80)
    ambient = world.pick(0.18, 0.45) * rgb(0.90, 0.97, 1.10)
    return np.asarray(ambient + sunny[..., None] * sun, dtype=np.float32)


def headlights(world: World) -> Float:
    """(H,W) light of the own low beam, 1 on an upright white wall some metres ahead.

    Above the cut-off, a little over the lamps' height, only stray light is left: the legs of a
    person are lit, the head is not. The road is lit at a grazing angle, hence dimmer.
    """
    z = np.maximum(world.canvas.depth, 2.0)
    x, y = world.camera.unproject(world.canvas.depth)
    rise = (y - _HEADLIGHT_HEIGHT) / z
    cut_off = 0.05 + 0.95 / (1 + np.exp(np.clip((rise - 0.005) / 0.012, -30, 30)))
    spread = np.exp(-((x / (0.24 * z + 0.8)) ** 2))
    grazing = np.where(y < 0.03, np.minimum(1, 2.5 / z), 1.0)
    return np.asarray(spread * cut_off * grazing * np.minimum(1, (5.5 / z) ** 2), dtype=np.float32)


def night_light(world: World) -> Float:
    """(H,W,3) light of a dark sky, the own headlights and the street lamps."""
    z = world.canvas.depth
    x, y = world.camera.unproject(z)
    light = np.full((*world.canvas.size, 3), 0.0035, dtype=np.float32)
    light += headlights(world)[..., None] * rgb(*_HEADLIGHT_COLOUR) * 0.5
    for lamp in world.lamps:
        distance = (x - lamp.x) ** 2 + (y - lamp.y) ** 2 + (z - lamp.z) ** 2
        light += (1.1 * lamp.power / (4 + distance))[..., None] * rgb(*lamp.colour)
    return light


def glare(radiance: Float) -> Float:
    """(H,W,3) stray light in the lens: what is brighter than white spreads."""
    width = radiance.shape[1]
    excess = np.maximum(radiance - 1, 0)
    small = cv2.resize(excess, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    spread = np.zeros_like(small)
    for share, reach in ((0.25, 0.006), (0.20, 0.02), (0.10, 0.07)):
        blurred = cv2.GaussianBlur(small, (0, 0), reach * width / 4 + 0.3)
        spread = spread + share * np.asarray(blurred, dtype=np.float32)
    return np.asarray(cv2.resize(spread, (width, radiance.shape[0])), dtype=np.float32)

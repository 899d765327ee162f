"""The two cameras: the light on the canvas, and the canvas as they see it."""

import cv2
import numpy as np

from pipeline.demo.canvas import Float, rgb
from pipeline.demo.world import World
from pipeline.images.pixels import Uint8

_HEADLIGHT_COLOUR = (1.0, 0.95, 0.86)
_HEADLIGHT_HEIGHT = 0.65  # m


def daylight(world: World) -> Float:
    """(H,W,3) light of sky and sun; one side of the road lies in the shade."""
    x, _ = world.camera.unproject(world.canvas.depth)
    side = world.rng.choice((-1, 1))
    sunny = 1 / (1 + np.exp(-1.5 * np.clip(side * (x - world.pick(-6, 6)), -3, 3)))
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
    for lamp_x, lamp_z in world.lamps:
        distance = (x - lamp_x) ** 2 + (y - 5.7) ** 2 + (z - lamp_z) ** 2
        light += (0.8 / (4 + distance))[..., None] * rgb(1.0, 0.88, 0.65)
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


def shrink(values: Float, factor: int) -> Float:
    """Mean of each `factor` × `factor` block: what one detector of the sensor collects."""
    height, width = values.shape[:2]
    blocks = values.reshape(height // factor, factor, width // factor, factor, *values.shape[2:])
    return np.asarray(blocks.mean(axis=(1, 3)), dtype=np.float32)


def visible(world: World, factor: int) -> Uint8:
    """The colour image, (H,W,3): light, haze, glare, exposure, noise, gamma 2.2.

    Args:
        world: the finished scene.
        factor: canvas pixels a side of one image pixel.
    """
    canvas, rng = world.canvas, world.rng
    if world.night:
        radiance = canvas.colour * night_light(world)
        radiance += canvas.retro[..., None] * headlights(world)[..., None] * canvas.colour * 3
        exposure, read_noise = world.pick(0.9, 1.5), 0.010
    else:
        radiance = canvas.colour * daylight(world)
        haze = 1 - np.exp(-canvas.depth / world.pick(250, 900))
        radiance += haze[..., None] * (rgb(0.70, 0.78, 0.86) - radiance)
        exposure, read_noise = world.pick(0.4, 1.2), 0.004
    radiance = radiance + canvas.glow
    radiance = shrink(radiance + glare(radiance), factor) * exposure
    tint = 1 + world.rng.normal(size=3).astype(np.float32) * 0.03
    sigma = np.sqrt(read_noise**2 + 0.0004 * np.clip(radiance, 0, 1))
    noisy = radiance * tint + sigma * rng.standard_normal(radiance.shape, dtype=np.float32)
    return _quantize(np.clip(noisy, 0, 1) ** (1 / 2.2))


def infrared(world: World, factor: int) -> Uint8:
    """The thermal image, (H,W): blur of the optics, noise, stripes, gain set for the scene.

    Args:
        world: the finished scene.
        factor: canvas pixels a side of one image pixel.
    """
    heat = shrink(world.canvas.heat, factor)
    heat = np.asarray(cv2.GaussianBlur(heat, (0, 0), 0.6), dtype=np.float32)
    height, width = heat.shape
    heat = heat + 0.35 * world.rng.standard_normal((height, width), dtype=np.float32)
    heat += 0.15 * world.rng.standard_normal((1, width), dtype=np.float32)
    darkest = world.road - (world.pick(3, 5) if world.night else world.pick(5, 8))
    brightest = world.road + world.pick(13, 17)
    return _quantize((heat - darkest) / (brightest - darkest))


def _quantize(values: Float) -> Uint8:
    return np.asarray(np.rint(np.clip(values, 0, 1) * 255), dtype=np.uint8)

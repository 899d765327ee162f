"""The two cameras: the canvas as they see it, with their blur, noise and range."""

import cv2
import numpy as np

from pipeline.demo import light
from pipeline.demo.camera import Float, rgb
from pipeline.demo.world import World
from pipeline.images.pixels import Uint8


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
        radiance = canvas.colour * light.night_light(world)
        radiance += canvas.retro[..., None] * light.headlights(world)[..., None] * canvas.colour * 3
        exposure, read_noise = world.pick(0.9, 1.5), 0.010
    else:
        radiance = canvas.colour * light.daylight(world)
        haze = 1 - np.exp(-canvas.depth / world.pick(250, 900))
        radiance += haze[..., None] * (rgb(0.70, 0.78, 0.86) - radiance)
        exposure, read_noise = world.pick(0.4, 1.2), 0.004
    radiance = radiance + canvas.glow
    radiance = shrink(radiance + light.glare(radiance), factor) * exposure
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

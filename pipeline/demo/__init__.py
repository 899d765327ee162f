"""The demo data set: road scenes drawn from a seed, as an infrared and a visible camera see them.

No download and no licence: every pixel comes from `draw_scene`. A scene is built once, as maps of
colour, heat, own light, distance and class, and then looked at by two models of a camera, so the
two images are aligned and complementary for the reasons real ones are: people and engines are
warm at any hour, cones and kerbs are as warm as the road, headlights end at knee height.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tqdm import tqdm

from pipeline.demo.scene import draw_scene
from pipeline.images.pixels import write_png
from pipeline.params import DemoParams

__all__ = ["draw", "draw_scene", "scene_names"]


def scene_names(params: DemoParams) -> Iterator[tuple[str, str, int]]:
    """Each scene's split, name and number; names end in D or N as MSRS's do, half of each."""
    for number in range(params.train + params.test):
        split = "train" if number < params.train else "test"
        yield split, f"{number + 1:05d}{'DN'[number % 2]}", number


def draw(params: DemoParams, root: Path) -> Path:
    """Draw the whole data set in MSRS's layout.

    A scene depends on the seed and its own number alone, whatever else is drawn.

    Args:
        params: how many, how large, from which seed.
        root: folder that becomes `{train,test}/{ir,vi,label}/NAME.png`.

    Returns:
        `root`.
    """
    scenes = tqdm(
        list(scene_names(params)), desc="draw demo scenes", unit="scene", dynamic_ncols=True
    )
    for split, name, number in scenes:
        rng = np.random.default_rng([params.seed, number])
        images = draw_scene(rng, params.height, params.width, night=name.endswith("N"))
        for kind, pixels in zip(("ir", "vi", "label"), images, strict=True):
            write_png(root / split / kind / f"{name}.png", pixels)
    return root

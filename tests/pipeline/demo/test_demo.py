"""The drawn scenes: deterministic, like MSRS in what they show, complementary in how."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.demo import draw, draw_scene, scene_names
from pipeline.images.pixels import Uint8, read_gray, read_label, read_rgb
from pipeline.params import DemoParams
from pipeline.params.data import MSRS_CLASSES

PERSON, CURVE, CONE, BUMP = (
    MSRS_CLASSES.index(n) for n in ("person", "curve", "color_cone", "bump")
)
Scene = tuple[Uint8, Uint8, Uint8]


@pytest.fixture(scope="module")
def scenes() -> dict[str, list[Scene]]:
    """24 small scenes of day and of night."""
    return {
        name: [
            draw_scene(np.random.default_rng([7, n]), 72, 96, name == "night") for n in range(24)
        ]
        for name in ("day", "night")
    }


def contrast(image: Uint8, region: np.ndarray) -> float:
    """Root mean square distance of a region's pixels from the median of what surrounds it.

    In units of the surroundings' spread (median absolute deviation as standard deviation, at
    least one level): about 1 for what cannot be told from its surroundings.
    """
    around = cv2.dilate(region.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool) & ~region
    inside, outside = image[region].astype(float), image[around].astype(float)
    middle = np.median(outside)
    spread = max(1.4826 * np.median(np.abs(outside - middle)), 1)
    return float(np.sqrt(np.mean((inside - middle) ** 2)) / spread)


def contrasts(scenes: list[Scene], label: int) -> tuple[float, float]:
    """Mean contrast of a class in infrared and in the luminance of the visible image."""
    found = []
    for ir, vis, truth in scenes:
        region = truth == label
        if region.sum() >= 20:
            luminance = cv2.cvtColor(vis, cv2.COLOR_RGB2GRAY)
            found.append((contrast(ir, region), contrast(luminance, region)))
    assert len(found) >= 3
    ir_contrast, vis_contrast = np.mean(found, axis=0)
    return float(ir_contrast), float(vis_contrast)


def test_a_scene_is_decided_by_its_generator():
    first, again, other = (draw_scene(np.random.default_rng(s), 64, 80, True) for s in (3, 3, 4))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[1], other[1])


@pytest.mark.parametrize("size", [(48, 64), (97, 131), (300, 200)])
def test_images_have_the_size_asked_for(size: tuple[int, int]):
    ir, vis, label = draw_scene(np.random.default_rng(0), *size, night=False)
    assert ir.shape == label.shape == size
    assert vis.shape == (*size, 3)
    assert ir.dtype == vis.dtype == label.dtype == np.uint8


def test_every_class_is_common_enough_to_learn(scenes: dict[str, list[Scene]]):
    labels = [label for part in scenes.values() for *_, label in part]
    images = [sum(bool((label == c).any()) for label in labels) for c in range(9)]
    assert images[0] == len(labels)
    assert min(images) >= 4
    assert max(label.max() for label in labels) == 8


def test_pixel_shares_are_near_those_of_msrs(scenes: dict[str, list[Scene]], shared_data: Path):
    def shares(labels: list[Uint8]) -> np.ndarray:
        counts = sum(np.bincount(label.ravel(), minlength=9) for label in labels)
        return np.asarray(counts / np.sum(counts))

    drawn = shares([label for part in scenes.values() for *_, label in part])
    files = sorted((shared_data / "msrs-subset/train/label").glob("*.png"))
    real = shares([read_label(file) for file in files])
    assert drawn[0] == pytest.approx(real[0], abs=0.04)
    assert np.all(drawn[1:] / real[1:] < 2.5)
    assert np.all(drawn[1:] / real[1:] > 0.4)


def test_night_is_dark_to_the_visible_camera_only(scenes: dict[str, list[Scene]]):
    brightness = {
        name: np.mean([vis.mean() for _, vis, _ in part]) for name, part in scenes.items()
    }
    assert brightness["night"] < 0.5 * brightness["day"]
    warmth = {name: np.mean([ir.mean() for ir, *_ in part]) for name, part in scenes.items()}
    assert warmth["night"] > 0.5 * warmth["day"]


def test_infrared_shows_people_at_night_far_better(scenes: dict[str, list[Scene]]):
    ir, vis = contrasts(scenes["night"], PERSON)
    assert ir > 2 * vis


@pytest.mark.parametrize("label", [CURVE, CONE, BUMP])
@pytest.mark.parametrize("time", ["day", "night"])
def test_cold_things_are_for_the_visible_camera(
    scenes: dict[str, list[Scene]], label: int, time: str
):
    ir, vis = contrasts(scenes[time], label)
    assert ir < 1.1 < 1.5 < vis


def test_some_people_at_night_are_seen_by_infrared_alone(scenes: dict[str, list[Scene]]):
    alone = [
        contrast(ir, region) > 3 and contrast(cv2.cvtColor(vis, cv2.COLOR_RGB2GRAY), region) < 1.5
        for ir, vis, label in scenes["night"]
        if (region := label == PERSON).sum() >= 20
    ]
    assert np.mean(alone) > 0.5


def test_half_of_the_scenes_are_night():
    names = [(split, name) for split, name, _ in scene_names(DemoParams(train=6, test=4))]
    assert names[0] == ("train", "00001D")
    assert names[-1] == ("test", "00010N")
    assert sum(name.endswith("N") for _, name in names) == 5


def test_draw_writes_what_draw_scene_returns(tmp_path: Path):
    params = DemoParams(train=2, test=1, height=48, width=64, seed=5)
    draw(params, tmp_path)
    ir, vis, label = draw_scene(np.random.default_rng([5, 1]), 48, 64, night=True)
    assert np.array_equal(read_gray(tmp_path / "train/ir/00002N.png"), ir)
    assert np.array_equal(read_rgb(tmp_path / "train/vi/00002N.png"), vis)
    assert np.array_equal(read_label(tmp_path / "train/label/00002N.png"), label)
    assert len(list(tmp_path.rglob("*.png"))) == 9

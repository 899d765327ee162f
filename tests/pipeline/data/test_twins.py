"""Twins: the hash by hand, distances by counting, and clusters of shifted and copied scenes."""

import numpy as np
import pytest
from PIL import Image

from pipeline.data import twins
from pipeline.images.pixels import write_png


def scene(seed, brightness=0):
    """Smooth noise as a (96,128) image, and the same brighter."""
    small = np.random.default_rng(seed).integers(20, 200, (12, 16), dtype=np.uint8)
    image = Image.fromarray(small).resize((128, 96), Image.Resampling.BICUBIC)
    return np.clip(np.asarray(image).astype(int) + brightness, 0, 255).astype(np.uint8)


def test_the_hash_says_where_it_gets_brighter():
    steps = np.array([0, 1, 2, 1, 5, 5, 4, 6, 7], np.uint8) * 20
    image = np.repeat(np.repeat(steps[None], 8, axis=0), 10, axis=1).repeat(10, axis=0)
    bits = twins.difference_hash(image).reshape(8, 8)
    assert (bits == [True, True, False, True, False, False, True, True]).all()


def test_a_hash_survives_brightness_and_size_and_tells_scenes_apart():
    one = twins.difference_hash(scene(0))
    assert (one != twins.difference_hash(scene(0, brightness=30))).sum() <= 3
    larger = np.asarray(Image.fromarray(scene(0)).resize((640, 480), Image.Resampling.BICUBIC))
    assert (one != twins.difference_hash(larger)).sum() <= 3
    apart = [(one != twins.difference_hash(scene(seed))).sum() for seed in range(1, 30)]
    assert min(apart) > twins.LIMIT and 24 < np.mean(apart) < 40


def test_distances_are_the_larger_of_both_cameras():
    rng = np.random.default_rng(0)
    one, other = rng.integers(0, 2, (5, 2, 64)) > 0, rng.integers(0, 2, (7, 2, 64)) > 0
    expected = [[max((a[c] != b[c]).sum() for c in (0, 1)) for b in other] for a in one]
    assert twins.distances(one, other).tolist() == expected


@pytest.fixture
def prepared(tmp_path):
    """Test pairs a, b, c alike, d apart, e alike in IR only; train has c."""
    test = {"a": (0, 0, 0), "b": (0, 9, 0), "c": (0, 0, 9), "d": (1, 0, 0), "e": (0, 0, 0)}
    for split, names in (("test", test), ("train", {"x": (5, 0, 0), "y": (1, 5, 5)})):
        for name, (seed, ir, vis) in names.items():
            vis_seed = 8 if name == "e" else 100 + seed
            write_png(tmp_path / split / "ir" / f"{name}.png", scene(seed, ir))
            gray = scene(vis_seed, vis)
            write_png(tmp_path / split / "vi" / f"{name}.png", np.stack([gray] * 3, axis=-1))
        lines = "".join(f"{name}\n" for name in names)
        (tmp_path / split / "names.csv").write_text("name\n" + lines)
    return tmp_path


def test_twins_within_test_share_a_cluster_and_those_in_train_are_named(prepared):
    found = twins.find(prepared).set_index("name")
    assert found.loc["a", "cluster"] == found.loc["b", "cluster"] == found.loc["c", "cluster"]
    assert len({found.loc[name, "cluster"] for name in "ade"}) == 3
    assert found["train"].to_dict() == {"a": "", "b": "", "c": "", "d": "y", "e": ""}
    assert found.loc["d", "distance"] <= twins.LIMIT < found.loc["e", "distance"]
    assert twins.counts(found.reset_index()) == {
        "test_pairs": 5, "test_clusters": 3, "test_twins": 3, "twins_in_train": 1,
    }  # fmt: skip

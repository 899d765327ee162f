from pathlib import Path

import numpy as np
import pytest
import segmentation_case as scene

from pipeline.data import pairs
from pipeline.images.pixels import IGNORED, read_label, read_rgb, write_png
from pipeline.stage.errors import UserError
from segmentation.data.cache import Cache
from segmentation.data.resize import resize_image, resize_label, working_size
from segmentation.data.samples import camera_images, input_images, read_sample
from segmentation.data.statistics import measure


def test_statistics_are_numpys() -> None:
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (h, w, 3), dtype=np.uint8) for h, w in ((5, 7), (11, 3))]
    pixels = np.concatenate([image.reshape(-1, 3) for image in images]) / 255
    measured = measure(images)
    np.testing.assert_allclose(measured.mean, pixels.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(measured.std, pixels.std(axis=0), rtol=1e-9)


def test_statistics_of_a_constant_channel_can_divide() -> None:
    flat = np.full((4, 4, 3), 255, np.uint8)
    assert measure([flat]).mean == (1, 1, 1)
    assert measure([flat]).std == pytest.approx((1 / 255,) * 3)


def test_cache_keeps_to_its_budget() -> None:
    reads: list[int] = []

    def read(index: int) -> tuple[np.ndarray, np.ndarray]:
        reads.append(index)
        return np.full((4, 4, 3), index, np.uint8), np.full((4, 4), index, np.uint8)

    cache = Cache(read, budget=2 * 64)  # a sample is 48 + 16 bytes
    for _ in range(2):
        assert [int(cache.get(index)[0][0, 0, 0]) for index in (3, 1, 2)] == [3, 1, 2]
    assert reads == [3, 1, 2, 2]


def test_cache_changes_nothing_but_time(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    scene.write()
    names = ["000N", "001D", "002N"]
    cached, uncached = (
        input_images(
            scene.params(runtime={"cache_mib": mib}, size=(12, 16)), "deeplabv3", "vis", names
        )
        for mib in (64, 0)
    )
    for index in (0, 1, 2, 0, 1, 2):
        for one, other in zip(cached.get(index), uncached.get(index), strict=True):
            assert np.array_equal(one, other)
    assert cached.statistics() == uncached.statistics()


def test_class_pixels_are_the_labels(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At full size the counts are those of the label files."""
    monkeypatch.chdir(tmp_path)
    scene.write()
    directory = scene.params().data.directory
    names = pairs.names(directory, "train")
    labels = [read_label(pairs.image_path(directory, "train", "label", name)) for name in names]
    expected = [[int((label == i).sum()) for i in range(len(scene.CLASSES))] for label in labels]
    assert len(names) == 7
    assert (
        input_images(scene.params(), "deeplabv3", "vis", names).class_pixels().tolist() == expected
    )


def test_ignored_pixels_are_of_no_class(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are no error of the label either; any other value beyond the classes is one."""
    monkeypatch.chdir(tmp_path)
    scene.write()
    image = Path("artifacts/fused/vis/train/000N.png")
    file = pairs.image_path(scene.params().data.directory, "train", "label", "000N")
    label = read_label(file)
    label[:5] = IGNORED
    write_png(file, label)
    counts = input_images(scene.params(), "deeplabv3", "vis", ["000N"]).class_pixels()
    assert counts.tolist() == [[int((label == i).sum()) for i in range(len(scene.CLASSES))]]
    assert counts.sum() == label[5:].size
    write_png(file, np.where(label == IGNORED, 3, label).astype(np.uint8))
    with pytest.raises(UserError, match="value 3; allowed are 0 to 2"):
        read_sample(image, file, 3)


def test_label_keeps_its_classes_when_resized() -> None:
    label = np.kron(np.array([[0, 8], [8, 0]], np.uint8), np.ones((6, 6), np.uint8))
    assert np.array_equal(resize_label(label, (6, 6)), label[::2, ::2])
    assert set(np.unique(resize_label(label, (5, 17)))) == {0, 8}


def test_shrinking_averages() -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (8, 12, 3), dtype=np.uint8)
    blocks = image.reshape(4, 2, 6, 2, 3).mean(axis=(1, 3))
    assert np.abs(resize_image(image, (4, 6)) - blocks).max() <= 0.5


def test_working_size() -> None:
    assert working_size((480, 640), (240, 320)) == (240, 320)
    height, width = working_size((500, 1000), (240, 320))
    assert height * width == pytest.approx(240 * 320, rel=0.01)
    assert width / height == pytest.approx(2, rel=0.01)
    assert working_size((1, 100000), (24, 32)) == (1, 8764)


def test_bad_samples_are_named(tmp_path) -> None:
    image, label = tmp_path / "image.png", tmp_path / "label.png"
    write_png(image, np.zeros((4, 6, 3), np.uint8))
    write_png(label, np.zeros((4, 5), np.uint8))
    with pytest.raises(UserError, match=r"image.png: 6x4, but its label .*label.png is 5x4"):
        read_sample(image, label, 3)
    write_png(label, np.full((4, 6), 3, np.uint8))
    with pytest.raises(UserError, match=r"label.png: value 3; allowed are 0 to 2"):
        read_sample(image, label, 3)


def test_both_cameras_take_turns_over_the_same_scenes(tmp_path, monkeypatch) -> None:
    """In any two epochs each scene is once IR and once VIS; labels and scenes stay."""
    monkeypatch.chdir(tmp_path)
    scene.write(("vis",))
    names = scene.write_cameras()
    images = camera_images(scene.params(), "deeplabv3", names)
    assert len(images) == len(names)
    gray = []
    for epoch in range(4):
        seen = [images.get(index, epoch) for index in range(len(names))]
        gray.append([bool((image[..., 0] == image[..., 2]).all()) for image, _ in seen])
        for (_, label), name in zip(seen, names, strict=True):
            assert np.array_equal(label, read_label(f"data/folder/train/label/{name}.png"))
    assert gray[0] == [index % 2 == 0 for index in range(len(names))]
    assert gray[1] == [not one for one in gray[0]]
    assert gray[2:] == gray[:2]


def test_statistics_of_both_cameras_are_over_all_their_pixels(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    scene.write(("vis",))
    names = scene.write_cameras()
    found = camera_images(scene.params(), "deeplabv3", names).statistics()
    every = [
        read_rgb(f"data/folder/train/{camera}/{name}.png") / 255
        for camera in ("ir", "vi")
        for name in names
    ]
    assert found.mean == pytest.approx(np.mean(every, axis=(0, 1, 2)))
    assert found.std == pytest.approx(np.std(every, axis=(0, 1, 2)))

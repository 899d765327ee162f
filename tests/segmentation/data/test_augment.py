import numpy as np
import pytest
import segmentation_case as scene

from pipeline.images.pixels import write_png
from segmentation.data.augment import Augment
from segmentation.data.batches import Epochs
from segmentation.data.samples import input_images

FULL = {"flip": 0.5, "scale": (0.6, 1.6), "brightness": 0.3, "blur": 0.5}


def geometry_only() -> dict[str, object]:
    return {"flip": 0.5, "scale": (0.75, 1.5), "brightness": 0.0, "blur": 0.0}


def sample(seed: int) -> tuple[np.ndarray, np.ndarray]:
    return scene.picture(np.random.default_rng(seed))


def test_label_follows_the_image() -> None:
    """The picture's red is where its label says car, before and after."""
    augment = Augment(scene.params(augmentation=geometry_only()).segmentation, seed=3)
    moved = 0
    for index in range(20):
        image, label = sample(index)
        new_image, new_label = augment((image, label), epoch=0, index=index)
        assert new_image.shape == image.shape and new_label.shape == label.shape
        # Bilinear edges may fall on either side; everything else must agree.
        red = new_image[..., 0].astype(int) - new_image[..., 1] > 120
        assert np.mean(red != (new_label == 1)) < 0.06
        assert set(np.unique(new_label)) <= {0, 1}
        moved += not np.array_equal(new_label, label)
    assert moved > 10


def test_depends_on_seed_epoch_and_index_alone() -> None:
    params = scene.params(augmentation=FULL).segmentation
    first, again, other = Augment(params, 1), Augment(params, 1), Augment(params, 2)
    for index in (5, 2, 9):
        again(sample(100), 7, index)  # what came before must not matter
    image, label = first(sample(0), 3, 4)
    repeated = again(sample(0), 3, 4)
    assert np.array_equal(image, repeated[0]) and np.array_equal(label, repeated[1])
    for different in (other(sample(0), 3, 4), first(sample(0), 4, 4), first(sample(0), 3, 5)):
        assert not np.array_equal(image, different[0])


def test_leaves_the_cached_sample_alone() -> None:
    image, label = sample(0)
    kept = image.copy(), label.copy()
    Augment(scene.params(augmentation=FULL).segmentation, 0)((image, label), 0, 0)
    assert np.array_equal(image, kept[0]) and np.array_equal(label, kept[1])


def test_nothing_asked_nothing_changed() -> None:
    off = {"flip": 0.0, "scale": (1.0, 1.0), "brightness": 0.0, "blur": 0.0}
    image, label = sample(0)
    result = Augment(scene.params(augmentation=off).segmentation, 0)((image, label), 0, 0)
    assert np.array_equal(result[0], image) and np.array_equal(result[1], label)


@pytest.mark.parametrize("workers", [0, 2])
def test_inputs_get_the_same_stream(
    tmp_path: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    """Of two inputs that differ in their pixels, order, geometry and brightness are the same."""
    monkeypatch.chdir(tmp_path)
    scene.write(("ir", "vis"))
    params = scene.params(
        runtime={"workers": workers}, augmentation=geometry_only() | {"brightness": 0.3}
    )
    names = [f"{index:03d}{'D' if index % 2 else 'N'}" for index in range(7)]
    for name in names:  # IR: the same scenes, inverted
        file = tmp_path / "artifacts/fused/ir/train" / f"{name}.png"
        image = input_images(params, "deeplabv3", "vis", [name]).get(0)[0]
        write_png(file, 255 - image)
    streams = []
    for subject in ("ir", "vis"):
        images = input_images(params, "deeplabv3", subject, names)
        batches = Epochs(images, Augment(params.segmentation, 5), seed=5).epoch(2)
        assert len(batches) == 2  # seven images, three a step, the rest left out
        streams.append(list(batches))
    for (ir, ir_label), (vis, vis_label) in zip(*streams, strict=True):
        assert ir_label.equal(vis_label)
        assert not ir.equal(vis)
        assert ir.is_contiguous(memory_format=__import__("torch").channels_last)


def test_epochs_have_other_orders(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    scene.write()
    params = scene.params(augmentation={"flip": 0, "scale": (1, 1), "brightness": 0})
    images = input_images(
        params, "deeplabv3", "vis", [f"{i:03d}{'D' if i % 2 else 'N'}" for i in range(7)]
    )
    augment = Augment(params.segmentation, 0)
    labels = [[b[1] for b in Epochs(images, augment, 0).epoch(epoch)] for epoch in (0, 0, 1)]
    assert all(a.equal(b) for a, b in zip(labels[0], labels[1], strict=True))
    assert not all(a.equal(b) for a, b in zip(labels[0], labels[2], strict=True))

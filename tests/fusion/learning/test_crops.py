"""Random crops: windows of both images at one place, flipped and turned only if asked."""

import numpy as np
import pytest

from fusion.learning.crops import CropBatches
from pipeline.params import FusionTraining

SIZE, CROP = 24, 16


def pair() -> tuple[np.ndarray, np.ndarray]:
    """IR whose every pixel has its own level (of 24×10), VIS equal to it in each channel."""
    ir = (np.arange(SIZE * 10).reshape(SIZE, 10)).astype(np.uint8)
    ir = np.hstack((ir, ir[::-1], ir[:, :4][::-1]))
    return ir, np.stack((ir, ir, ir), axis=2)


def crops(flip: bool, epoch: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
    training = FusionTraining(crop=CROP, batch_size=8, crops_per_image=64, flip=flip)
    return [
        (np.rint(ir.numpy()[0] * 255), np.rint(vis.numpy() * 255))
        for batch in CropBatches([pair()], training, epoch)
        for ir, vis in zip(*batch, strict=True)
    ]


def windows() -> set[bytes]:
    ir = pair()[0].astype(np.float32)
    found = np.lib.stride_tricks.sliding_window_view(ir, (CROP, CROP)).reshape(-1, CROP, CROP)
    return {window.tobytes() for window in found}


def as_taken(ir: np.ndarray) -> set[bytes]:
    """All eight ways in which a crop may have been flipped and turned, undone."""
    turned = [np.rot90(one, turns) for one in (ir, ir[:, ::-1]) for turns in range(4)]
    return {np.ascontiguousarray(each, np.float32).tobytes() for each in turned}


def test_crops_are_windows_as_they_are_unless_flips_are_asked_for() -> None:
    there = windows()
    plain = [np.ascontiguousarray(ir, np.float32).tobytes() in there for ir, _ in crops(False)]
    assert len(plain) == 64
    assert all(plain)


def test_flips_and_turns_are_of_all_eight_kinds() -> None:
    there = windows()
    found = [np.ascontiguousarray(ir, np.float32).tobytes() in there for ir, _ in crops(True)]
    assert 0 < sum(found) < 24  # an eighth of 64, at random
    assert all(as_taken(ir) & there for ir, _ in crops(True))


@pytest.mark.parametrize("flip", [False, True])
def test_both_images_are_cropped_alike(flip: bool) -> None:
    for ir, vis in crops(flip):
        assert all(np.array_equal(ir, channel) for channel in vis)


@pytest.mark.parametrize("flip", [False, True])
def test_crops_are_those_of_their_epoch(flip: bool) -> None:
    one, again, other = crops(flip), crops(flip), crops(flip, epoch=1)
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(one, again, strict=True))
    assert not all(np.array_equal(a[0], b[0]) for a, b in zip(one, other, strict=True))

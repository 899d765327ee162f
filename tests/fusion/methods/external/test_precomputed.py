"""Folders of somebody's fused images: what is taken, what is refused, what is said."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fusion.methods.base import registry
from pipeline.images.pixels import read_rgb, write_png
from pipeline.stage.errors import UserError

RNG = np.random.default_rng(3)
NAMES = ["00001D", "00002N", "00003D"]


def image(height=6, width=8, channels=3):
    return RNG.integers(90, 166, (height, width, channels), dtype=np.uint8).squeeze()


@pytest.fixture
def split(tmp_path):
    """Folder of a test split with three pairs of 8x6 pixels."""
    for name in NAMES:
        write_png(tmp_path / "test" / "ir" / f"{name}.png", image(channels=1))
        write_png(tmp_path / "test" / "vi" / f"{name}.png", image())
    return tmp_path / "test"


@pytest.fixture
def theirs(tmp_path):
    """Folder with their three fused images."""
    for name in NAMES:
        write_png(tmp_path / "theirs" / f"{name}.png", image())
    return tmp_path / "theirs"


def fuse(path: Path, split: Path, out: str = "test") -> str | None:
    method = registry.create("precomputed", path=path)
    root = split.parent
    return method.fuse_split(
        split / "ir", split / "vi", NAMES, root / "fused" / out, root / "log.txt"
    )


def fused(split: Path) -> list[str]:
    return sorted(path.name for path in (split.parent / "fused").rglob("*.png"))


def test_takes_the_images_as_they_are(theirs, split):
    write_png(theirs / "another.png", image())
    assert fuse(theirs, split) is None
    assert fused(split) == [f"{name}.png" for name in NAMES]
    for name in NAMES:
        out = split.parent / "fused" / "test" / f"{name}.png"
        np.testing.assert_array_equal(read_rgb(out), read_rgb(theirs / f"{name}.png"))
    assert "another: not in the data set, ignored" in (split.parent / "log.txt").read_text()


def test_a_folder_for_each_split(theirs, split):
    (theirs.parent / "both").mkdir()
    theirs.rename(theirs.parent / "both" / "train")
    for name in NAMES:
        write_png(theirs.parent / "both" / "test" / f"{name}.png", image())
    for part in ("train", "test"):
        assert fuse(theirs.parent / "both", split, part) is None
        for name in NAMES:
            given = read_rgb(theirs.parent / "both" / part / f"{name}.png")
            taken = read_rgb(split.parent / "fused" / part / f"{name}.png")
            np.testing.assert_array_equal(given, taken)


def test_train_without_images_is_left_out(theirs, split):
    assert fuse(theirs, split, "train") == f"{theirs}: no fused images of train"
    assert fused(split) == []


@pytest.mark.parametrize("suffix", [".bmp", ".tif", ".TIFF", ".PNG"])
def test_other_lossless_files(theirs, split, suffix):
    given = {}
    for name in NAMES:
        path = theirs / f"{name}.png"
        given[name] = read_rgb(path)
        path.unlink()
        Image.fromarray(given[name]).save(path.with_suffix(suffix))
    assert fuse(theirs, split) is None
    for name in NAMES:
        taken = read_rgb(split.parent / "fused" / "test" / f"{name}.png")
        np.testing.assert_array_equal(taken, given[name])


@pytest.mark.parametrize("channels", [1, 3])
def test_gray_images_get_the_chroma_of_vis(theirs, split, capsys, channels):
    gray = image(channels=1)
    pixels = gray if channels == 1 else np.stack([gray] * 3, axis=2)
    write_png(theirs / "00002N.png", pixels)
    assert fuse(theirs, split) is None
    assert "1 of 3 fused images are gray" in capsys.readouterr().err
    assert "00002N: gray" in (split.parent / "log.txt").read_text()
    # Pillow's own full-range BT.601 is the independent truth; both round to whole levels.
    vis = Image.open(split / "vi" / "00002N.png").convert("YCbCr")
    coloured = Image.merge("YCbCr", [Image.fromarray(gray), *vis.split()[1:]]).convert("RGB")
    taken = read_rgb(split.parent / "fused" / "test" / "00002N.png").astype(int)
    assert np.abs(taken - np.asarray(coloured).astype(int)).max() <= 2


def test_all_problems_in_one_error(theirs, split):
    (theirs / "00001D.png").unlink()
    write_png(theirs / "00002N.png", image(5, 7))
    content = io.BytesIO()
    Image.fromarray(image(60, 80)).save(content, "PNG")
    (theirs / "00003D.png").write_bytes(content.getvalue()[:-200])
    with pytest.raises(UserError) as caught:
        fuse(theirs, split)
    line = str(caught.value)
    assert f"{theirs}: of 3 fused images 1 missing (00001D)" in line
    assert "1 of wrong size (00002N [7x5, pair 8x6])" in line
    assert "1 unreadable (00003D" in line
    assert len((split.parent / "log.txt").read_text().splitlines()) == 4
    assert fused(split) == []


def test_two_files_of_one_name(theirs, split):
    Image.fromarray(image()).save(theirs / "00001D.bmp")
    with pytest.raises(UserError, match=r"1 ambiguous \(00001D \[00001D.bmp, 00001D.png\]\)"):
        fuse(theirs, split)


def test_long_lists_are_cut_in_the_line_and_whole_in_the_log(tmp_path):
    names = [f"{i:05}D" for i in range(20)]
    (tmp_path / "theirs").mkdir()
    method = registry.create("precomputed", path=tmp_path / "theirs")
    with pytest.raises(UserError, match=r"20 missing .*00004D and 15 more"):
        method.fuse_split(tmp_path, tmp_path, names, tmp_path / "test", tmp_path / "log.txt")
    log = (tmp_path / "log.txt").read_text()
    assert all(f"{name}: missing" in log for name in names)


def test_real_fused_images(shared_data, tmp_path):
    test = shared_data / "msrs-subset" / "test"
    names = sorted(path.stem for path in (test / "ir").glob("*.png"))[:5]
    theirs = shared_data / "msrs-subset-fused" / "SeAFusion"
    method = registry.create("precomputed", path=theirs)
    log = tmp_path / "log.txt"
    assert method.fuse_split(test / "ir", test / "vi", names, tmp_path / "test", log) is None
    for name in names:
        pixels = np.asarray(Image.open(theirs / f"{name}.png").convert("RGB"))
        np.testing.assert_array_equal(read_rgb(tmp_path / "test" / f"{name}.png"), pixels)

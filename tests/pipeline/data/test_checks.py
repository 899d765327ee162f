"""Every kind of problem in a data set is found, all of them at once, and named."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.data import checks, layout
from pipeline.data.coding import Coding
from pipeline.data.layout import Problem
from pipeline.params.data import MSRS_CLASSES
from pipeline.stage.errors import UserError

MSRS = Coding(MSRS_CLASSES)


def problems(root: Path, coding: Coding = MSRS) -> list[Problem]:
    pairs, found = layout.scan(root)
    return found + checks.check(pairs, coding)[1]


def only(root: Path) -> Problem:
    """The one problem there is."""
    (found,) = problems(root)
    return found


def test_a_sound_data_set_has_no_problem(tiny_dataset: Path):
    pairs, found = layout.scan(tiny_dataset)
    checked, more = checks.check(pairs, MSRS)
    assert not found
    assert not more
    assert [(c.pair.split, c.pair.name) for c in checked] == [
        ("train", "00001D"), ("train", "00002N"), ("train", "00003D"),
        ("test", "00004N"), ("test", "00005D"),
    ]  # fmt: skip
    assert {(c.height, c.width, sum(c.pixels)) for c in checked} == {(32, 40, 32 * 40)}


def test_missing_root(tmp_path: Path):
    assert only(tmp_path / "nowhere") == Problem(
        tmp_path / "nowhere", "no such folder", "a folder with train and test"
    )


def test_missing_split(tiny_dataset: Path):
    shutil.rmtree(tiny_dataset / "test")
    found = problems(tiny_dataset)
    assert {p.file.name for p in found} == {"ir", "vi", "label"}
    assert {p.found for p in found} == {"no such folder"}


def test_empty_folder(tiny_dataset: Path):
    for file in (tiny_dataset / "train/vi").iterdir():
        file.unlink()
    problem = only(tiny_dataset)
    assert problem.file == tiny_dataset / "train/vi"
    assert "no image" in problem.found


@pytest.mark.parametrize("kind", ["ir", "vi", "Segmentation_labels"])
def test_truncated_png(tiny_dataset: Path, kind: str):
    file = tiny_dataset / "train" / kind / "00002N.png"
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    problem = only(tiny_dataset)
    assert problem.file == file
    assert "not a readable image" in problem.found


def test_not_an_image_at_all(tiny_dataset: Path):
    (tiny_dataset / "test/ir/00004N.png").write_text("hello")
    assert "not a readable image" in only(tiny_dataset).found


def test_sizes_differ(tiny_dataset: Path):
    Image.new("RGB", (40, 33)).save(tiny_dataset / "train/vi/00001D.png")
    problem = only(tiny_dataset)
    assert problem.file == tiny_dataset / "train/ir/00001D.png"
    assert "ir 40x32, vi 40x33, label 40x32" in problem.found


def test_label_value_beyond_the_classes(tiny_dataset: Path):
    label = np.zeros((32, 40), dtype=np.uint8)
    label[3, 4], label[5, 6] = 9, 200
    Image.fromarray(label).save(tiny_dataset / "train/Segmentation_labels/00003D.png")
    problem = only(tiny_dataset)
    assert problem.found == "label value 9, 200"
    assert problem.allowed == "0 to 8"


def test_coloured_label(tiny_dataset: Path):
    Image.new("RGB", (40, 32), (64, 0, 128)).save(
        tiny_dataset / "train/Segmentation_labels/00003D.png"
    )
    assert "colour image" in only(tiny_dataset).found


@pytest.mark.parametrize("kind", ["ir", "vi", "Segmentation_labels"])
def test_missing_partner(tiny_dataset: Path, kind: str):
    (tiny_dataset / "test" / kind / "00005D.png").unlink()
    problem = only(tiny_dataset)
    assert problem.file == tiny_dataset / "test" / kind / "00005D"
    assert problem.found == "missing"


def test_same_name_in_both_splits(tiny_dataset: Path):
    for kind in ("ir", "vi", "Segmentation_labels"):
        folder = tiny_dataset / "test" / kind
        (folder / "00004N.png").rename(folder / "00002N.png")
    problem = only(tiny_dataset)
    assert problem.file == tiny_dataset / "test/ir/00002N.png"
    assert "train" in problem.found


def test_one_name_with_two_endings(tiny_dataset: Path):
    Image.new("L", (40, 32)).save(tiny_dataset / "train/ir/00001D.bmp")
    assert "same name as 00001D.bmp" in only(tiny_dataset).found


def test_foreign_file_is_named_and_hidden_file_is_not(tiny_dataset: Path):
    (tiny_dataset / "train/ir/.DS_Store").write_text("x")
    (tiny_dataset / "train/ir/Thumbs.db").write_text("x")
    assert only(tiny_dataset).file.name == "Thumbs.db"


def test_labels_in_one_split_only(tiny_dataset: Path):
    shutil.rmtree(tiny_dataset / "test/Segmentation_labels")
    assert only(tiny_dataset).file == tiny_dataset / "test/label"


def test_no_labels_at_all_is_fine(tiny_dataset: Path):
    for split in ("train", "test"):
        shutil.rmtree(tiny_dataset / split / "Segmentation_labels")
    pairs, found = layout.scan(tiny_dataset)
    assert not found
    assert {c.pixels for c in checks.check(pairs, MSRS)[0]} == {()}


def as_three_channels(gray: Image.Image) -> Image.Image:
    return gray.convert("RGB")


def as_16_bit(gray: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(gray).astype(np.uint16) * 257)


def as_palette(gray: Image.Image) -> Image.Image:
    image = gray.convert("P")
    image.putpalette([level for level in range(256) for _ in range(3)])
    return image


@pytest.mark.parametrize("form", [as_three_channels, as_16_bit, as_palette])
def test_clear_forms_of_infrared_are_accepted(tiny_dataset: Path, form):
    file = tiny_dataset / "train/ir/00001D.png"
    form(Image.open(file)).save(file)
    assert not problems(tiny_dataset)


def test_false_colours_are_not_infrared(tiny_dataset: Path):
    shutil.copy(tiny_dataset / "train/vi/00001D.png", tiny_dataset / "train/ir/00001D.png")
    assert "channels that differ" in only(tiny_dataset).found


def test_all_problems_are_in_one_table(tiny_dataset: Path, capsys: pytest.CaptureFixture[str]):
    (tiny_dataset / "train/vi/00001D.png").write_bytes(b"\x89PNG")
    (tiny_dataset / "test/ir/00004N.png").unlink()
    Image.new("L", (8, 8)).save(tiny_dataset / "test/ir/00005D.png")
    with pytest.raises(UserError, match="and 2 more") as error:
        checks.refuse(problems(tiny_dataset))
    assert "\n" not in str(error.value)
    table = " ".join(capsys.readouterr().err.split())
    assert all(name in table for name in ("00001D.png", "00004N", "00005D.png"))


def test_refuse_lets_sound_data_pass():
    checks.refuse([])


@pytest.mark.slow
def test_real_images_pass(shared_data: Path):
    pairs, found = layout.scan(shared_data / "msrs-subset")
    checked, more = checks.check(pairs, MSRS)
    assert not found
    assert not more
    assert [sum(c.pair.split == split for c in checked) for split in layout.SPLITS] == [150, 50]
    assert {(c.height, c.width) for c in checked} == {(480, 640)}

"""Labels of other data sets: values and colours become classes, ignored pixels count nowhere."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline import prepare
from pipeline.data import labels
from pipeline.data.coding import Coding
from pipeline.images.pixels import IGNORED, read_label
from pipeline.params import DataParams, Params
from pipeline.provenance.protocol import version
from pipeline.stage.errors import UserError

CLASSES = ("road", "car", "sky")
VALUES = np.array([[7, 7, 9], [0, 11, 9]], np.uint8)
X = IGNORED


def saved(folder: Path, pixels: np.ndarray, **options: object) -> Path:
    Image.fromarray(pixels).save(folder / "label.png", **options)
    return folder / "label.png"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"label_map": {7: "sky", 9: "car", 0: None, 11: "road"}}, [[2, 2, 1], [X, 0, 1]]),
        ({"label_map": {7: "sky", 9: "sky", 11: "car"}, "ignore": 0}, [[2, 2, 2], [X, 1, 2]]),
    ],
)
def test_values_become_classes(tmp_path: Path, given: dict, expected: list):
    """The second way makes one class of two."""
    label, foreign = Coding(CLASSES, **given).read(saved(tmp_path, VALUES))
    assert label.tolist() == expected
    assert label.dtype == np.uint8
    assert foreign == []


def test_without_a_map_values_are_places_and_one_may_be_ignored(tmp_path: Path):
    file = saved(tmp_path, np.array([[0, 2], [255, 1]], np.uint8))
    label, foreign = Coding(CLASSES, ignore=255).read(file)
    assert (label.tolist(), foreign) == ([[0, 2], [X, 1]], [])
    label, foreign = Coding(CLASSES).read(file)
    assert foreign == ["255"]


COLOURS = {"#b3e4e4": "road", "#4279fd": "car", "#000000": None}
PAINTED = np.array([[(179, 228, 228), (0, 0, 0)], [(66, 121, 253), (179, 228, 228)]], np.uint8)


def test_colours_become_classes(tmp_path: Path):
    """Also those of a palette PNG, whose values say nothing then."""
    coding = Coding(CLASSES, COLOURS)
    assert coding.read(saved(tmp_path, PAINTED))[0].tolist() == [[0, X], [1, 0]]
    indexed = Image.fromarray(np.array([[5, 1], [2, 5]], np.uint8)).convert("P")
    table = np.zeros((256, 3), np.uint8)
    table[[5, 1, 2]] = [(179, 228, 228), (0, 0, 0), (66, 121, 253)]
    indexed.putpalette(table.tobytes())
    indexed.save(tmp_path / "label.png")
    assert coding.read(tmp_path / "label.png")[0].tolist() == [[0, X], [1, 0]]


def test_what_is_no_class_is_named(tmp_path: Path):
    assert Coding(CLASSES, {7: "sky"}, 0).read(saved(tmp_path, VALUES))[1] == ["9", "11"]
    foreign = Coding(CLASSES, {"#4279fd": "car"}).read(saved(tmp_path, PAINTED))[1]
    assert foreign == ["#000000", "#b3e4e4"]
    many = np.arange(8, dtype=np.uint8)[None]
    assert Coding(CLASSES).read(saved(tmp_path, many))[1] == ["3", "4", "5", "6", "7"]
    many = np.arange(9, dtype=np.uint8)[None]
    assert Coding(CLASSES).read(saved(tmp_path, many))[1][-1] == "and 1 more"


@pytest.fixture
def fmb_like(tiny_dataset: Path) -> Path:
    """The tiny data set in FMB's folders, its values 1 to 9, and 0 where the first class was."""
    for split in ("train", "test"):
        names = {"ir": "Infrared", "vi": "Visible", "Segmentation_labels": "Label"}
        for ours, theirs in names.items():
            (tiny_dataset / split / ours).rename(tiny_dataset / split / theirs)
        (tiny_dataset / split / "color").mkdir()  # FMB has such a folder; nobody reads it
    return tiny_dataset


def params(root: Path, **data: object) -> DataParams:
    given = {
        "dataset": "folder", "root": root, "classes": CLASSES,
        "folders": {"ir": "Infrared", "vi": "Visible", "label": "Label"},
        "label_map": {value: CLASSES[value % 3] for value in range(1, 9)}, "ignore": 0,
    }  # fmt: skip
    return DataParams.model_validate(given | data)


def test_prepare_writes_what_was_meant(fmb_like: Path, tmp_path: Path):
    table = prepare.build(params(fmb_like), tmp_path / "out")
    stored = np.asarray(Image.open(fmb_like / "test/Label/00004N.png"))
    written = read_label(tmp_path / "out/test/label/00004N.png")
    assert np.array_equal(written, np.where(stored == 0, IGNORED, stored % 3))
    row = table.set_index("name").loc["00004N"]
    assert row[list(CLASSES)].tolist() == [
        int(((stored % 3 == place) & (stored > 0)).sum()) for place in range(3)
    ]


def test_prepare_refuses_what_the_map_does_not_name(fmb_like: Path, tmp_path: Path):
    with pytest.raises(UserError, match=r"label value 0; allowed: those of .*label_map: 1, 2"):
        prepare.build(params(fmb_like, ignore=None), tmp_path / "out")
    shutil.rmtree(fmb_like / "test/Label")
    with pytest.raises(UserError, match="test/Label: no such folder"):
        prepare.build(params(fmb_like), tmp_path / "out")


def test_drawn_labels_take_the_map_too(tmp_path: Path):
    demo = {"train": 2, "test": 2, "height": 48, "width": 64}
    for ignore in (None, 0):
        data = DataParams.model_validate({"demo": demo, "ignore": ignore})
        prepare.build(data, tmp_path / str(ignore))
    plain, without = (read_label(tmp_path / one / "test/label/00003D.png") for one in ("None", "0"))
    assert (plain == 0).any()
    assert np.array_equal(without, np.where(plain == 0, IGNORED, plain))


@pytest.mark.parametrize(
    "change",
    [
        {"ignore": None, "label_map": {v: CLASSES[v % 3] for v in range(9)}},
        {"label_map": {value: CLASSES[(value + 1) % 3] for value in range(1, 9)}},
        {"classes": ("sky", "car", "road")},
    ],
)
def test_the_protocols_version_is_another_with_other_labels(
    fmb_like: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict
):
    monkeypatch.chdir(tmp_path)
    found = []
    for data in (params(fmb_like), params(fmb_like), params(fmb_like, **change)):
        prepare.build(data, data.directory)
        given = Params.model_validate(
            {"data": data.model_dump(), "fusion": {"methods": {"ir": {}}}}
        )
        found.append(version(given, "deeplabv3", ""))
        shutil.rmtree(data.directory)
    assert found[0] == found[1]
    assert {key for key in found[0] if found[0][key] != found[2][key]} == {"labels", "version"}


def test_colours_of_classes_are_no_part_of_the_version(fmb_like: Path, tmp_path: Path):
    """Nor of the labels."""
    for name, palette in (("a", {}), ("b", {"sky": "#4f49b3"})):
        prepare.build(params(fmb_like, palette=palette), tmp_path / name)
    assert labels.read(tmp_path / "a") == labels.read(tmp_path / "b")

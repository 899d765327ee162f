"""A protocol's version changes with what decides a number, and with nothing else."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.data import labels
from pipeline.images.pixels import write_png
from pipeline.images.whole import write_json
from pipeline.params import Params
from pipeline.params.segmentation import ONE_FOR_ALL
from pipeline.provenance import protocol

DATA = Path("data/folder")


def params(**segmentation: object) -> Params:
    return Params.model_validate({
        "data": {"dataset": "folder", "root": ".", "classes": ["road", "car"]},
        "fusion": {"methods": {"ir": {}}},
        "segmentation": {"epochs": 3} | segmentation,
    })  # fmt: skip


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for split, name in (("train", "a"), ("test", "b")):
        write_png(DATA / split / "label" / f"{name}.png", np.eye(4, dtype=np.uint8))
        (DATA / split / "names.csv").write_text(f"name\n{name}\n")
    write_json(labels.labels_path(DATA), labels.measure(DATA))
    return tmp_path


def version(given: Params, network: str = "deeplabv3", which: str = "") -> str:
    return protocol.version(given, network, which)["version"]


def test_settings_count_with_their_defaults_and_seeds_and_threads_do_not() -> None:
    one = version(params())
    assert one == version(params(momentum=0.9, seeds=[4, 5], threads=1))
    assert one == version(params(networks={"unet": {}, "deeplabv3": {}}))
    assert one != version(params(epochs=4))
    assert one != version(params(), which=ONE_FOR_ALL)
    assert version(params(networks={"unet": {}}), "unet") != one


def test_labels_count_by_their_pixels_and_not_by_their_files() -> None:
    one = protocol.version(params(), "deeplabv3", "")
    file = DATA / "test/label/b.png"
    Image.open(file).save(file, compress_level=9)
    write_json(labels.labels_path(DATA), labels.measure(DATA))
    assert protocol.version(params(), "deeplabv3", "") == one
    write_png(file, 1 - np.eye(4, dtype=np.uint8))
    write_json(labels.labels_path(DATA), labels.measure(DATA))
    other = protocol.version(params(), "deeplabv3", "")
    assert {key for key in one if one[key] != other[key]} == {"labels", "version"}


def test_the_number_of_the_code_changes_with_its_meaning(monkeypatch) -> None:
    one = protocol.version(params(), "deeplabv3", "")
    real = protocol.hashes
    changed = {"segmentation/model/loss.py": "another meaning"}
    monkeypatch.setattr(protocol, "hashes", lambda module: real(module) | changed)
    other = protocol.version(params(), "deeplabv3", "")
    assert {key for key in one if one[key] != other[key]} == {"code", "version"}
    assert "segmentation/model/loss.py" in real("segmentation.train")

"""A drawn set in FMB's layout, with FMB's preset for its data, through the real `dvc repro`."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from clone_case import ROOT, TINY, make_clone, run
from PIL import Image

from pipeline import demo
from pipeline.images.pixels import IGNORED, read_label
from pipeline.params import DemoParams

pytestmark = pytest.mark.slow

VALUES = np.array([0, 9, 8, 13, 2, 3, 14, 5, 4], np.uint8)
"""FMB's value for each of the demo's classes; its background becomes road, sky and unlabelled."""


def relabelled(label: np.ndarray) -> np.ndarray:
    values = VALUES[label]
    values[label == 0] = 1
    values[: len(values) // 3][label[: len(values) // 3] == 0] = 7
    values[:4] = 0
    return values


def draw(root: Path, drawn: Path) -> Path:
    """The demo's scenes in FMB's folders, with names that say nothing of day and night."""
    demo.draw(DemoParams(train=6, test=4, height=64, width=80), drawn)
    for split in ("train", "test"):
        for kind, folder in (("ir", "Infrared"), ("vi", "Visible"), ("label", "Label")):
            (root / split / folder).mkdir(parents=True)
            for file in (drawn / split / kind).iterdir():
                image = np.asarray(Image.open(file))
                image = relabelled(image) if kind == "label" else image
                Image.fromarray(image).save(root / split / folder / f"{file.stem[:-1]}.png")
    return root


def test_fmbs_layout_goes_through_the_whole_pipeline(tmp_path: Path) -> None:
    root = draw(tmp_path / "fmb", tmp_path / "drawn")
    data = yaml.safe_load((ROOT / "presets/fmb.yaml").read_text())["data"]
    names = sorted(file.stem for file in (root / "test/Label").iterdir())
    (tmp_path / "night.txt").write_text(names[0])
    data |= {"root": str(root), "times": str(tmp_path / "night.txt")}
    fusion = TINY["fusion"] | {"methods": {"ir": {}, "vis": {}, "average": {}}}
    segmentation = TINY["segmentation"] | {"seeds": [0], "one_for_all": ["deeplabv3"]}
    params = TINY | {"data": data, "fusion": fusion, "segmentation": segmentation}
    clone = make_clone(tmp_path, params)
    run(clone, "dvc", "repro")

    label = read_label(clone / f"data/folder/test/label/{names[0]}.png")
    stored = read_label(root / f"test/Label/{names[0]}.png")
    assert np.array_equal(label, np.where(stored == 0, IGNORED, stored - 1))
    scores = json.loads((clone / "metrics/segmentation/deeplabv3/average.json").read_text())
    assert scores["classes"] == data["classes"]
    assert {"day", "night"} <= scores["mean"].keys()
    with np.load(clone / "artifacts/evaluation/deeplabv3/average/confusion.npz") as content:
        counted = content["confusion"].sum(axis=(2, 3))[0].tolist()
        assert content["day_night"].tolist() == ["night", "day", "day", "day"]
    stored = [read_label(root / f"test/Label/{name}.png") for name in names]
    assert counted == [int((one > 0).sum()) for one in stored]
    table = pd.read_csv(clone / "reports/tables/segmentation.csv")
    assert {"ir", "vis", "average"} <= set(table["input"])
    page = (clone / "reports/index.html").read_text()
    assert "rgb(179 228 228)" in page, "the road in its own colour"
    assert "ignored" in page

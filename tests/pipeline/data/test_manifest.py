"""What the manifest says of a data set: shares of the classes, day and night."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline import prepare
from pipeline.data.manifest import class_shares, day_night
from pipeline.params import DataParams


def test_class_shares_by_hand(tiny_dataset: Path, tmp_path: Path):
    data = DataParams(dataset="msrs", root=tiny_dataset)
    shares = class_shares(prepare.build(data, tmp_path / "out"))
    labels = np.stack(
        [np.asarray(Image.open(f)) for f in (tiny_dataset / "test/Segmentation_labels").iterdir()]
    )
    row = shares[(shares["split"] == "test") & (shares["class"] == "bike")].iloc[0]
    assert row["share"] == pytest.approx((labels == 3).mean())
    assert row["images"] == (labels == 3).any(axis=(1, 2)).sum()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("00001D", "day"), ("01234N", "night"), ("garden", ""), ("FIND", ""), ("D", ""), ("7", "")],
)
def test_day_and_night_by_name(name: str, expected: str):
    assert day_night(name) == expected


@pytest.mark.parametrize("named", [False, True])
def test_folders_say_day_and_night_only_when_asked(tiny_dataset: Path, tmp_path: Path, named: bool):
    data = DataParams(dataset="folder", root=tiny_dataset, day_night=named)
    table = prepare.build(data, tmp_path / "out")
    expected = ["day", "night", "day", "night", "day"] if named else [""] * 5
    assert table["day_night"].tolist() == expected

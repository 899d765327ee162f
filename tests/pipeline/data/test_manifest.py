"""What the manifest says of a data set: shares of the classes, day and night."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline import prepare
from pipeline.data.manifest import class_shares, ignored_share
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


def test_ignored_pixels_are_in_no_share(tiny_dataset: Path, tmp_path: Path):
    data = DataParams(dataset="msrs", root=tiny_dataset, ignore=3)
    table = prepare.build(data, tmp_path / "out")
    shares = class_shares(table)
    labels = np.stack(
        [np.asarray(Image.open(f)) for f in tiny_dataset.rglob("Segmentation_labels/*.png")]
    )
    assert ignored_share(table) == pytest.approx((labels == 3).mean())
    assert (labels == 3).any()
    assert shares.groupby("split")["share"].sum().tolist() == pytest.approx([1, 1])
    assert not shares.loc[shares["class"] == "bike", "pixels"].any()

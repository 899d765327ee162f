"""The prepare stage: the same layout from every source, whole or not at all."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from pipeline import prepare
from pipeline.data import pairs
from pipeline.params import DataParams
from pipeline.params.data import MANIFEST_COLUMNS, MSRS_CLASSES
from pipeline.stage.errors import UserError


def msrs(root: Path) -> DataParams:
    return DataParams(dataset="msrs", root=root)


def test_manifest_counts_what_is_there(tiny_dataset: Path, tmp_path: Path):
    prepare.build(msrs(tiny_dataset), tmp_path / "out")
    table = pd.read_csv(tmp_path / "out/manifest.csv")
    assert tuple(table.columns) == MANIFEST_COLUMNS + MSRS_CLASSES
    assert pairs.names(tmp_path / "out", "train") == ["00001D", "00002N", "00003D"]
    assert pairs.names(tmp_path / "out", "test") == ["00004N", "00005D"]
    assert pairs.has_labels(tmp_path / "out", "test")
    assert table["day_night"].tolist() == ["day", "night", "day", "night", "day"]
    label = np.asarray(Image.open(tiny_dataset / "test/Segmentation_labels/00004N.png"))
    counts = table.set_index("name").loc["00004N", list(MSRS_CLASSES)]
    assert counts.tolist() == [int((label == c).sum()) for c in range(9)]


def test_held_out_pairs_are_judged_instead_of_the_test_split(tiny_dataset: Path, tmp_path: Path):
    out = tmp_path / "out"
    prepare.build(DataParams(dataset="msrs", root=tiny_dataset, hold_out=2), out)
    assert pairs.names(out, "train") == ["00001D", "00003D"]
    assert pairs.names(out, "test") == ["00002N"]
    held = (out / "test/label/00002N.png").read_bytes()
    assert held == (tiny_dataset / "train/Segmentation_labels/00002N.png").read_bytes()
    written = {path.stem for path in out.rglob("*.png")}
    assert written.isdisjoint({"00004N", "00005D"}), "a test image was looked at"


def test_files_in_the_right_form_are_kept_byte_for_byte(tiny_dataset: Path, tmp_path: Path):
    out = tmp_path / "out"
    prepare.build(msrs(tiny_dataset), out)
    for kind, folder in (("ir", "ir"), ("vi", "vi"), ("label", "Segmentation_labels")):
        written = out / "train" / kind / "00001D.png"
        original = tiny_dataset / "train" / folder / "00001D.png"
        assert written.read_bytes() == original.read_bytes()
        assert written.stat().st_ino != original.stat().st_ino  # DVC would write-protect both


def test_other_forms_become_the_one_msrs_has(tiny_dataset: Path, tmp_path: Path):
    ir_file = tiny_dataset / "train/ir/00001D.png"
    gray = np.array(Image.open(ir_file))
    Image.fromarray(gray.astype(np.uint16) * 257).save(ir_file)
    vi_file = tiny_dataset / "train/vi/00002N.png"
    Image.open(vi_file).convert("RGBA").save(vi_file.with_suffix(".tif"))
    colours = np.array(Image.open(vi_file))
    vi_file.unlink()
    label_file = tiny_dataset / "train/Segmentation_labels/00003D.png"
    label = np.array(Image.open(label_file))
    indexed = Image.fromarray(label).convert("P")
    indexed.putpalette(np.arange(768).astype(np.uint8).tobytes())
    indexed.save(label_file)

    out = tmp_path / "out"
    prepare.build(msrs(tiny_dataset), out)
    for path, expected, mode in (
        (out / "train/ir/00001D.png", gray, "L"),
        (out / "train/vi/00002N.png", colours, "RGB"),
        (out / "train/label/00003D.png", label, "L"),
    ):
        with Image.open(path) as image:
            assert image.mode == mode
            assert np.array_equal(np.asarray(image), expected)


def test_folder_without_labels_has_no_class_columns(tiny_dataset: Path, tmp_path: Path):
    for split in ("train", "test"):
        shutil.rmtree(tiny_dataset / split / "Segmentation_labels")
    prepare.build(DataParams(dataset="folder", root=tiny_dataset), tmp_path / "out")
    assert tuple(pd.read_csv(tmp_path / "out/manifest.csv").columns) == MANIFEST_COLUMNS
    for split in pairs.SPLITS:
        assert not pairs.has_labels(tmp_path / "out", split)
        assert not list((tmp_path / "out" / split / "label").glob("*.png"))


def test_folder_has_its_own_classes(tiny_dataset: Path, tmp_path: Path):
    data = DataParams(dataset="folder", root=tiny_dataset, classes=("ground", "other"))
    with pytest.raises(UserError, match="0 to 1"):
        prepare.build(data, tmp_path / "out")
    for file in tiny_dataset.rglob("Segmentation_labels/*.png"):
        Image.fromarray(np.asarray(Image.open(file)) % 2).save(file)
    prepare.build(data, tmp_path / "out")
    assert pd.read_csv(tmp_path / "out/manifest.csv").columns[-2:].tolist() == ["ground", "other"]


def test_demo_needs_no_other_file(tmp_path: Path):
    data = DataParams.model_validate({"demo": {"train": 2, "test": 2, "height": 48, "width": 64}})
    table = prepare.build(data, tmp_path / "out")
    assert len(table) == 4
    assert (table[list(MSRS_CLASSES)].sum(axis=1) == 48 * 64).all()
    assert pairs.image_path(tmp_path / "out", "test", "ir", "00004N").is_file()


@pytest.fixture
def project(tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to run the stage in, with params.yaml for the tiny data set."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    content = {
        "data": {"dataset": "msrs", "root": str(tiny_dataset)},
        "fusion": {"methods": {"average": {}}},
    }
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(content))
    return tmp_path


@pytest.mark.slow
def test_stage_logs_the_manifest(project: Path, capsys: pytest.CaptureFixture[str]):
    from mlflow import MlflowClient

    prepare.main([])
    assert (project / "data/msrs/manifest.csv").is_file()
    assert "color_cone" in capsys.readouterr().out
    client = MlflowClient(f"sqlite:///{project}/mlflow.db")
    experiment = client.get_experiment_by_name("msrs")
    (run,) = client.search_runs([experiment.experiment_id])
    assert {a.path for a in client.list_artifacts(run.info.run_id)} == {
        "manifest.csv",
        "class_shares.csv",
        "twins.csv",
    }
    assert run.data.metrics["pairs_train"] == 3
    assert run.info.status == "FINISHED"


@pytest.mark.slow
def test_stage_refuses_bad_data_and_leaves_nothing(
    project: Path, tiny_dataset: Path, capsys: pytest.CaptureFixture[str]
):
    (tiny_dataset / "test/vi/00005D.png").unlink()
    (tiny_dataset / "train/ir/00001D.png").write_bytes(b"")
    with pytest.raises(SystemExit) as stop:
        prepare.main([])
    assert stop.value.code == 2
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert last.startswith("error: ")
    assert "and 1 more" in last
    assert not list((project / "data").iterdir())

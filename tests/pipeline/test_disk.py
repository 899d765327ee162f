"""What can go from the disk: state of other code or params, and runs that newer ones replaced."""

from pathlib import Path

import pytest
import yaml

from pipeline import disk, params, tracking
from pipeline.provenance.dependencies import stage_fingerprint
from pipeline.results import paths

PARAMS = {"fusion": {"methods": {"ir": {}}}, "segmentation": {"seeds": [0]}}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a checkpoint that is of use and one that is not."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(PARAMS))
    for name in dict.fromkeys(_dependencies()):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    item = {"network": "deeplabv3", "input": "ir", "seed": "0"}
    mark = stage_fingerprint(params.load(), "train_segmentation", **item)
    for name in (mark, "f" * 64):
        folder = paths.unfinished(paths.segmenter("deeplabv3", "ir", 0), name)
        folder.mkdir(parents=True)
        (folder / "last.pt").write_bytes(b"0" * 1000)
    return tmp_path


def _dependencies() -> list[str]:
    """Files that the fingerprints of this project's stages read."""
    data = [f"data/demo/{split}/names.csv" for split in ("train", "test")]
    inputs = ["artifacts/inputs/methods/ir", "artifacts/fusion/ir", "artifacts/fused/ir/train"]
    images = [f"data/demo/{s}/{k}" for s in ("train", "test") for k in ("ir", "vi", "label")]
    fused = ["artifacts/fused/ir/test", "artifacts/segmentation/deeplabv3/ir/seed-0"]
    return data + inputs + images + fused


def test_state_that_no_stage_would_take_up_is_stale(project: Path):
    (stale,) = disk.stale_checkpoints(params.load())
    assert stale.name == "f" * 16


def test_state_of_medical_stages_is_not_for_this_to_judge(project: Path):
    (project / "checkpoints/medical/trained/mri-ct/net/abc").mkdir(parents=True)
    (project / "checkpoints/medical/trained/mri-ct/net/abc/last.pt").write_bytes(b"0")
    assert [folder.name for folder in disk.stale_checkpoints(params.load())] == ["f" * 16]


def test_artifacts_of_replaced_runs_are_found(project: Path):
    for text in ("old", "new"):
        with tracking.run(params.load(), "fuse", "ir") as run:
            (project / "note.txt").write_text(text)
            run.artifact(project / "note.txt")
    (folder,) = disk.artifact_folders()
    assert (folder / "note.txt").read_text() == "old"


def test_nothing_goes_unasked(project: Path, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr("typer.confirm", lambda question: asked.append(question))
    disk.main([])
    assert len(asked) == 1 and "1 checkpoints of other code, data or params, 0.0 MB" in asked[0]
    assert len(list((project / "checkpoints").rglob("last.pt"))) == 2
    assert "state of stages that were killed" in capsys.readouterr().out
    monkeypatch.setattr("typer.confirm", lambda question: True)
    disk.main([])
    (left,) = (project / "checkpoints").rglob("last.pt")
    assert left.parent.name != "f" * 16


def test_sizes_count_files_and_no_links(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"0" * 10)
    (tmp_path / "b").symlink_to("a")
    assert disk.size(tmp_path) == 10
    assert disk.megabytes(12_345_678) == "12.3 MB"

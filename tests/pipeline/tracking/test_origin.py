"""MLflow's own columns: who ran what at which commit, and on which data."""

import getpass
import json
import subprocess
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from pipeline import tracking
from pipeline.params import Params
from pipeline.tracking import origin

PARAMS = Params.model_validate({"fusion": {"methods": {"ir": {}}}, "data": {"demo": {"seed": 3}}})
MANIFEST = "split,name,height,width,day_night\ntrain,00001D,2,2,day\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one train and two test pairs, a git commit and a store of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'origin.db'}")
    monkeypatch.setattr(origin.sys, "argv", [str(tmp_path / "fusion" / "train.py"), "ir"])
    for split, names in (("train", ["00001D"]), ("test", ["00002D", "00003N"])):
        folder = tmp_path / "data/demo" / split
        folder.mkdir(parents=True)
        rows = "".join(f"{name}\n" for name in names)
        (folder / "names.csv").write_text("name\n" + rows)
    (tmp_path / "data/demo/manifest.csv").write_text(MANIFEST)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "data"], ["commit", "-qm", "data"]):
        subprocess.run([*git, *command], check=True)
    return tmp_path


def logged(stage: str, experiment: str | None = None) -> Run:
    """The run of a stage that did nothing, as the store has it."""
    with tracking.run(PARAMS, stage, "ir", experiment=experiment) as run:
        pass
    return MlflowClient(tracking.uri()).get_run(run.id)


def test_a_run_has_mlflows_own_tags_and_the_splits_it_read(here: Path) -> None:
    head = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    expected = {"train_fusion": {"train": 1}, "evaluate_fusion": {"test": 2},
                "fuse": {"train": 1, "test": 2}, "measure_cost": {}}  # fmt: skip
    digests: dict[str, set[str]] = {"train": set(), "test": set()}
    for stage, splits in expected.items():
        run = logged(stage)
        tags = run.data.tags
        assert tags["mlflow.source.name"] == "fusion/train.py"
        assert tags["mlflow.source.type"] == "LOCAL"
        assert tags["mlflow.source.git.commit"] == head.stdout.strip()
        assert tags["mlflow.user"] == getpass.getuser()
        found = {}
        for one in run.inputs.dataset_inputs:
            (tag,) = one.tags
            assert tag.key == "mlflow.data.context"
            assert one.dataset.name == "demo"
            assert json.loads(one.dataset.source) == {"uri": "demo:seed=3"}
            found[tag.value] = json.loads(one.dataset.profile)["pairs"]
            digests[tag.value].add(one.dataset.digest)
        assert found == splits
    assert [len(found) for found in digests.values()] == [1, 1]
    assert digests["train"] != digests["test"]


def test_other_data_have_another_digest_and_other_experiments_none(here: Path) -> None:
    def digest() -> str:
        return logged("evaluate_fusion").inputs.dataset_inputs[0].dataset.digest

    before = digest()
    (here / "data/demo/manifest.csv").write_text(MANIFEST.replace("2,2", "2,3"))
    assert digest() != before
    assert logged("evaluate_fusion", "medical").inputs.dataset_inputs == []


def test_without_data_or_git_a_run_is_a_run(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'bare.db'}")
    run = logged("train_fusion")
    assert run.info.status == "FINISHED"
    assert run.inputs.dataset_inputs == []
    assert "mlflow.source.git.commit" not in run.data.tags

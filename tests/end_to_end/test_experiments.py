"""`dvc exp run --temp` and the queue: runs, data and checkpoints are the project's."""

import subprocess
from pathlib import Path

import pytest
import yaml
from clone_case import environment, make_clone, run, small
from mlflow import MlflowClient
from mlflow.entities import Run

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished project on a folder of images beside its own files, named relatively."""
    clone = make_clone(tmp_path_factory.mktemp("experiments"), small())
    run(clone, "dvc", "repro", "prepare")
    (clone / "data" / "demo").rename(clone / "own")
    params = small() | {"data": {"dataset": "folder", "root": "own"}}
    (clone / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    (clone / ".git/info/exclude").write_text("own\n")
    run(clone, "dvc", "repro")
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@y"]
    run(clone, "git", "add", "--all")  # metrics are git's, not the cache's
    run(clone, *git, "commit", "--quiet", "--message", "params and results")
    return clone


def all_runs(clone: Path) -> list[Run]:
    """Runs of the project's store, the newest first."""
    client = MlflowClient(f"sqlite:///{clone}/mlflow.db")
    experiment = client.get_experiment_by_name("folder")
    found = client.search_runs([experiment.experiment_id])
    assert {one.info.status for one in found} == {"FINISHED"}
    return list(found)


def names_of_runs(clone: Path) -> list[str]:
    """Names of the stages' runs."""
    stages = (one for one in all_runs(clone) if one.data.tags["stage"] != "execution")
    return [one.info.run_name for one in stages]


def nested(clone: Path) -> dict[str, int]:
    """How many runs there are below that of each experiment, by its name."""
    runs = all_runs(clone)
    parents = {r.info.run_id: r.info.run_name for r in runs if r.data.tags["stage"] == "execution"}
    below = [r.data.tags["mlflow.parentRunId"] for r in runs if "mlflow.parentRunId" in r.data.tags]
    return {name: below.count(run_id) for run_id, name in parents.items()}


def test_a_temporary_experiment_logs_to_the_projects_store(clone: Path) -> None:
    before = names_of_runs(clone)
    run(clone, "dvc", "exp", "run", "--temp", "-S", "segmentation.epochs=3")
    new = names_of_runs(clone)
    assert sorted(new[: len(new) - len(before)]) == [
        "evaluate_segmentation@deeplabv3-lkc_funet", "evaluate_segmentation@deeplabv3-vis",
        "report",
        "train_segmentation@deeplabv3-lkc_funet-seed-0",
        "train_segmentation@deeplabv3-vis-seed-0",
    ]  # fmt: skip
    ((name, below),) = nested(clone).items()
    assert below == 5
    assert name in run(clone, "dvc", "exp", "list", "--name-only").split()


def test_a_relative_root_is_the_projects_in_a_copy(clone: Path) -> None:
    before = names_of_runs(clone)
    run(clone, "dvc", "exp", "run", "--temp", "-S", "+data.day_night=true", "prepare")
    assert names_of_runs(clone)[: -len(before)] == ["prepare"]


def test_the_queue_runs_two_experiments_side_by_side(clone: Path) -> None:
    before, earlier = len(names_of_runs(clone)), nested(clone)
    for epochs in (4, 5):
        run(clone, "dvc", "exp", "run", "--queue", "-S", f"segmentation.epochs={epochs}")
    run(clone, "dvc", "queue", "start", "--jobs", "2")
    subprocess.run(
        ["dvc", "queue", "logs", "--follow", "0"], cwd=clone, env=environment(), check=False,
        capture_output=True,
    )  # fmt: skip
    wait_for_queue(clone)
    assert "Success" in run(clone, "dvc", "queue", "status")
    assert "Failed" not in run(clone, "dvc", "queue", "status")
    assert len(names_of_runs(clone)) == before + 2 * 5
    new = {name: below for name, below in nested(clone).items() if name not in earlier}
    assert list(new.values()) == [5, 5]


def wait_for_queue(clone: Path) -> None:
    """Until no task is queued or running."""
    import time

    end = time.monotonic() + 600
    while any(word in run(clone, "dvc", "queue", "status") for word in ("Queued", "Running")):
        assert time.monotonic() < end
        time.sleep(2)

"""MLflow runs: what a reader of the store finds, and what a dead server costs."""

import socket
from pathlib import Path

import pytest
from mlflow import MlflowClient

from pipeline import tracking
from pipeline.params import Params
from pipeline.tracking import context

PARAMS = Params.model_validate({"fusion": {"methods": {"ir": {}}}})


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return tmp_path


def runs() -> list:
    client = MlflowClient(tracking.uri())
    experiment = client.get_experiment_by_name("demo")
    return client.search_runs([experiment.experiment_id])


def test_a_run_reads_back_with_params_metrics_tags_and_artifacts(here: Path) -> None:
    (here / "table.csv").write_text("a\n")
    logged = {"learning_rate": 0.1, **{f"key{i}": i for i in range(150)}}
    with tracking.run(PARAMS, "train_segmentation", "ir", logged, network="unet") as run:
        run.metrics({"loss": 2.0}, step=0)
        run.metrics({"loss": 1.0}, step=1)
        run.artifact(here / "table.csv", "tables")
    (found,) = runs()
    assert found.info.run_name == "train_segmentation@unet-ir"
    assert found.info.status == "FINISHED"
    expected = {key: str(value) for key, value in logged.items()} | {"input": "ir"}
    expected |= {"network": "unet"}
    assert found.data.params == expected
    assert found.data.tags["input"] == "ir"
    assert found.data.tags["stage"] == "train_segmentation"
    client = MlflowClient(tracking.uri())
    history = client.get_metric_history(found.info.run_id, "loss")
    assert [(point.step, point.value) for point in history] == [(0, 2.0), (1, 1.0)]
    assert [file.path for file in client.list_artifacts(found.info.run_id, "tables")] == [
        "tables/table.csv"
    ]
    assert (here / "mlartifacts" / "demo").is_dir()


def test_a_failed_stage_leaves_a_failed_run(here: Path) -> None:
    with pytest.raises(RuntimeError), tracking.run(PARAMS, "fuse", "ir"):
        raise RuntimeError
    assert [run.info.status for run in runs()] == ["FAILED"]


def test_a_killed_run_is_taken_up_with_the_same_params_only(here: Path) -> None:
    for rate in (0.1, 0.1, 0.2):
        with pytest.raises(SystemExit), tracking.run(PARAMS, "fuse", "ir", {"rate": rate}):
            raise SystemExit(143)
    assert sorted(run.data.params["rate"] for run in runs()) == ["0.1", "0.2"]
    assert {run.info.status for run in runs()} == {"KILLED"}
    with tracking.run(PARAMS, "fuse", "ir", {"rate": 0.2}) as run:
        taken_up = run.id
    statuses = {run.info.run_id: run.info.status for run in runs()}
    assert statuses.pop(taken_up) == "FINISHED"
    assert list(statuses.values()) == ["KILLED"]


def test_a_dead_server_costs_one_warning(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with tracking.run(PARAMS, "fuse", "ir", {"a": 1}) as run:
        run.metrics({"loss": 1.0})
        run.artifact(here / "nothing.png")
    assert capsys.readouterr().err.count("warning: MLflow does not answer") == 1


def killed(logged: dict | None = None, stage: str = "fuse", subject: str = "ir") -> None:
    """A stage that logs two epochs and is killed."""
    with pytest.raises(SystemExit), tracking.run(PARAMS, stage, subject, logged) as run:
        for step in range(2):
            run.metrics({"loss": 1.0 - step}, step)
        raise SystemExit(143)


def test_a_run_taken_up_logs_no_epoch_twice(here: Path) -> None:
    killed()
    with tracking.run(PARAMS, "fuse", "ir") as run:
        for step in range(1, 4):  # the resumed stage repeats the second epoch
            run.metrics({"loss": 1.0 - step}, step)
    (found,) = runs()
    history = MlflowClient(tracking.uri()).get_metric_history(found.info.run_id, "loss")
    assert sorted((point.step, point.value) for point in history) == [
        (0, 1.0), (1, 0.0), (2, -1.0), (3, -2.0),
    ]  # fmt: skip


@pytest.mark.parametrize("code", ["hashes", "method_hashes"])
def test_other_code_or_another_stage_takes_no_run_up(here: Path, monkeypatch, code: str) -> None:
    """Neither after a change of the stage's code, nor of its method's."""
    killed()
    with tracking.run(PARAMS, "evaluate_fusion", "ir"):
        pass
    assert len(runs()) == 2
    monkeypatch.setattr(context, code, lambda _: {"a.py": "changed"})
    with tracking.run(PARAMS, "fuse", "ir"):
        pass
    assert sorted(run.info.status for run in runs()) == ["FINISHED", "FINISHED", "KILLED"]


def test_a_file_error_of_ours_is_told_and_stops_nothing(here: Path, capsys) -> None:
    with tracking.run(PARAMS, "fuse", "ir") as run:
        run.artifact(here / "nowhere.png")
        run.metrics({"after": 1.0})
    (found,) = runs()
    assert found.data.metrics == {"after": 1.0}
    error = capsys.readouterr().err
    assert "warning: not logged to MLflow" in error and "nowhere.png" in error
    assert "does not answer" not in error


def test_a_server_that_dies_in_between_leaves_no_run_open(here: Path, monkeypatch, capsys) -> None:
    """Its last calls fail; once it is back, the next stage gives the run the status it had."""
    from mlflow.exceptions import MlflowException

    def dead(*_args: object, **_kwargs: object) -> None:
        raise MlflowException("no answer")

    with monkeypatch.context() as patched, tracking.run(PARAMS, "fuse", "ir") as run:
        patched.setattr(MlflowClient, "log_batch", dead)
        patched.setattr(MlflowClient, "set_terminated", dead)
        run.metrics({"loss": 1.0})
        run.metrics({"loss": 0.5}, 1)
    assert capsys.readouterr().err.count("warning: MLflow does not answer") == 1
    assert [run.info.status for run in runs()] == ["RUNNING"]
    with tracking.run(PARAMS, "evaluate_fusion", "ir"):
        pass
    assert [run.info.status for run in runs()] == ["FINISHED", "FINISHED"]


def test_a_run_that_is_open_is_not_taken_up(here: Path) -> None:
    """Two experiments at the same stage with the same params have a run each."""
    with tracking.run(PARAMS, "report") as first:
        with tracking.run(PARAMS, "report") as second:
            second.metrics({"loss": 2.0})
        first.metrics({"loss": 1.0})
    assert sorted(run.data.metrics["loss"] for run in runs()) == [1.0, 2.0]
    assert {run.info.status for run in runs()} == {"FINISHED"}
    assert not list((here / "checkpoints").rglob("*.json"))

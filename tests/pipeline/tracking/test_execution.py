"""Runs of an execution that has a name: nested below one of its own."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from pipeline import tracking
from pipeline.params import Params
from pipeline.tracking import execution

METHODS = {"fusion": {"methods": {"ir": {}, "vis": {}}}}
PARAMS = Params.model_validate(METHODS)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own, and stages that DVC runs for the experiment `bold-owl`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv(execution.EXECUTION, raising=False)
    monkeypatch.setenv("DVC_EXP_NAME", "bold-owl")
    return tmp_path


def runs() -> dict[str, list[Run]]:
    """Runs of the experiment by name, the newest first."""
    client = MlflowClient(tracking.uri())
    found: dict[str, list[Run]] = {}
    for run in client.search_runs([client.get_experiment_by_name("demo").experiment_id]):
        found.setdefault(run.info.run_name, []).append(run)
    return found


def stage(subject: str, error: type[BaseException] | None = None, params: Params = PARAMS) -> str:
    """Run a stage that does nothing, or ends with an error; the id of its run."""
    with tracking.run(params, "fuse", subject) as run:
        if error is not None:
            raise error
    return run.id


def parent_of(run: Run) -> str | None:
    return run.data.tags.get("mlflow.parentRunId")


def test_stages_of_an_experiment_are_nested_below_one_run() -> None:
    stage("ir")
    stage("vis")
    found = runs()
    (parent,) = found["bold-owl"]
    assert [parent_of(found[f"fuse@{name}"][0]) for name in ("ir", "vis")] == (
        [parent.info.run_id] * 2
    )
    assert found["fuse@ir"][0].data.tags["execution"] == "bold-owl"
    assert parent.info.status == "FINISHED"
    params = parent.data.params
    assert params["segmentation.seeds"] == str(list(PARAMS.segmentation.seeds))
    assert params["data.dataset"] == "demo"
    of_runtime = {key for key in params if key.startswith("runtime")}
    assert of_runtime == {"runtime.devices", "runtime.deterministic"}
    assert "method" not in parent.data.tags


def test_a_plain_repro_has_no_run_above(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DVC_EXP_NAME")
    stage("ir")
    ((only,),) = runs().values()
    assert parent_of(only) is None
    assert "execution" not in only.data.tags


def test_a_name_of_the_users_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(execution.EXECUTION, "mine")
    execution.begin()
    stage("ir")
    assert runs().keys() == {"mine", "fuse@ir"}


def test_a_stage_that_failed_has_failed_the_whole() -> None:
    with pytest.raises(RuntimeError):
        stage("ir", RuntimeError)
    stage("vis")
    found = runs()
    assert found["fuse@vis"][0].info.status == "FINISHED"
    assert found["bold-owl"][0].info.status == "FAILED"


def test_stages_that_start_at_once_make_one_parent() -> None:
    stage("first")  # the database is there
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(stage, "abcd"))
    found = runs()
    assert len(found["bold-owl"]) == 1
    assert {parent_of(found[f"fuse@{name}"][0]) for name in "abcd"} == {
        found["bold-owl"][0].info.run_id
    }


def test_other_params_under_the_same_name_are_another_execution() -> None:
    stage("ir")
    stage("ir", params=Params.model_validate(METHODS | {"segmentation": {"epochs": 3}}))
    found = runs()
    epochs = {run.data.params["segmentation.epochs"] for run in found["bold-owl"]}
    assert epochs == {str(PARAMS.segmentation.epochs), "3"}
    assert len({parent_of(run) for run in found["fuse@ir"]}) == 2


def test_a_killed_stage_goes_on_below_the_execution_that_ends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(SystemExit):
        stage("ir", SystemExit)
    monkeypatch.setenv("DVC_EXP_NAME", "calm-fox")
    stage("ir")
    found = runs()
    (run,) = found["fuse@ir"]
    assert parent_of(run) == found["calm-fox"][0].info.run_id
    assert run.data.tags["execution"] == "calm-fox"
    assert found["bold-owl"][0].info.status == "KILLED"
    assert found["calm-fox"][0].info.status == "FINISHED"


def test_what_came_of_the_whole_is_on_the_reports_run_and_above_it() -> None:
    with tracking.run(PARAMS, "report") as run:
        run.conclude("vis segments best.", {"miou/vis": 37.5})
        newest = run.newest()
    found = runs()
    for name in ("report", "bold-owl"):
        (one,) = found[name]
        assert one.data.metrics == {"miou/vis": 37.5}
        assert one.data.tags["mlflow.note.content"] == "vis segments best."
    stage("ir")
    with tracking.run(PARAMS, "report") as run:
        newest = run.newest()
    assert newest.keys() == {"report", "fuse@ir"}

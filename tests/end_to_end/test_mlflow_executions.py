"""Two executions on a real `mlflow server`: nested in its list, side by side in its comparison."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest
from clone_case import make_clone, run, small
from mlflow.entities import Run
from mlflow_case import compare, compared, open_page, run_names, wait

pytestmark = pytest.mark.long


def summary(clone: Path) -> dict:
    return json.loads((clone / "metrics/summary.json").read_text())


@pytest.fixture(scope="module")
def finished(
    server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, list[dict]]]:
    """A clone after `python -m pipeline.run` and `dvc exp run`, and what each came to."""
    clone = make_clone(tmp_path_factory.mktemp("executions"), small())
    # A temporary folder of its own: cost is measured while nothing else runs on the machine.
    own = tmp_path_factory.mktemp("own")
    there = ("env", f"MLFLOW_TRACKING_URI={server}", f"TMPDIR={own}")
    output = run(clone, *there, sys.executable, "-m", "pipeline.run", "--jobs", "2")
    first = summary(clone)
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@y"]
    run(clone, "git", "add", "--all")  # metrics are git's, not the cache's
    run(clone, *git, "commit", "--quiet", "--message", "params and results")
    output += run(clone, *there, "dvc", "exp", "run", "--name", "longer", "-S",
                  "fusion.training.epochs=4")  # fmt: skip
    assert "warning: MLflow" not in output
    mlflow.set_tracking_uri(server)
    yield clone, [first, summary(clone)]
    mlflow.set_tracking_uri("")


@pytest.fixture(scope="module")
def experiment(finished: tuple) -> str:
    return mlflow.MlflowClient().get_experiment_by_name("demo").experiment_id


@pytest.fixture(scope="module")
def runs(experiment: str) -> list[Run]:
    """All runs, the oldest first."""
    return list(mlflow.MlflowClient().search_runs([experiment], order_by=["start_time ASC"]))


@pytest.fixture(scope="module")
def parents(runs: list[Run]) -> list[Run]:
    """The runs of the two executions."""
    return [one for one in runs if one.data.tags["stage"] == "execution"]


def test_an_execution_carries_what_came_of_it(finished: tuple, parents: list[Run]) -> None:
    clone, summaries = finished
    by_command, by_dvc = parents
    assert by_command.info.run_name.startswith("run 20")
    assert by_dvc.info.run_name == "longer"
    for parent, came, epochs in zip(parents, summaries, ("2", "4"), strict=True):
        assert parent.info.status == "FINISHED"
        assert parent.data.params["fusion.training.epochs"] == epochs
        miou = {key: value for key, value in parent.data.metrics.items() if key[:5] == "miou/"}
        assert miou == {f"miou/{name}": value for name, value in came["miou"].items()}
        assert "segments best" in parent.data.tags["mlflow.note.content"]
    page = (clone / "reports/index.html").read_text()
    verdict = parents[1].data.tags["mlflow.note.content"].partition("\n")[0]
    assert verdict.replace("'", "&#39;") in page


def test_every_stage_is_below_its_execution(runs: list[Run], parents: list[Run]) -> None:
    ids = [parent.info.run_id for parent in parents]
    stages = [one for one in runs if one not in parents]
    below = {i: [r.info.run_name for r in stages if parent(r) == i] for i in ids}
    assert sum(map(len, below.values())) == len(stages)
    assert sorted(below[ids[1]]) == [
        "evaluate_fusion@lkc_funet", "evaluate_segmentation@deeplabv3-lkc_funet",
        "fuse@lkc_funet", "measure_cost@lkc_funet", "report", "train_fusion@lkc_funet",
        "train_fusion@vis", "train_segmentation@deeplabv3-lkc_funet-seed-0",
    ]  # fmt: skip
    assert set(below[ids[1]]) < set(below[ids[0]])


def parent(one: Run) -> str | None:
    return one.data.tags.get("mlflow.parentRunId")


@pytest.fixture(scope="module")
def browser(chromium, server: str, experiment: str):
    """Chromium on the experiment's page."""
    open_page(chromium, f"{server}/#/experiments/{experiment}/runs")
    return chromium


def test_the_list_shows_executions_with_their_stages_folded(browser, parents: list[Run]) -> None:
    wait(browser, lambda driver: run_names(driver) == [one.info.run_name for one in parents[::-1]])


@pytest.fixture(scope="module")
def comparison(browser, server: str, experiment: str):
    """The compare view of the two executions."""
    compare(browser, f"{server}/#/experiments/{experiment}/runs", "execution", 2)
    return browser


def test_two_executions_are_compared_by_their_scores(
    comparison, finished: tuple, parents: list[Run]
) -> None:
    text = comparison.find_element("tag name", "body").text
    names = sorted((one.info.run_name for one in parents), key=text.index)
    came = dict(zip((one.info.run_name for one in parents), finished[1], strict=True))
    shown = compared(comparison)
    numbers = {name: came[name]["fusion"]["lkc_funet"] for name in names}
    assert numbers[names[0]] != numbers[names[1]]
    for metric in ("AG", "EN", "MI"):
        expected = [numbers[name][metric] for name in names]
        # MLflow shows three decimals.
        assert shown[f"fusion/lkc_funet/{metric}"] == pytest.approx(expected, abs=0.00051)

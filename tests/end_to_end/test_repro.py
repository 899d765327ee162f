"""The real `dvc repro` in a temporary clone: everything runs once, then only what changed."""

import json
import re
import shutil
import socket
from pathlib import Path

import pandas as pd
import pytest
import yaml
from clone_case import make_clone, metrics, run, stages_of

INPUTS = ("ir", "vis", "lkc_funet")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, dict[str, object]]:
    """A clone after its first `dvc repro`, what that printed, and what it measured."""
    clone = make_clone(tmp_path_factory.mktemp("repro"))
    output = run(clone, "dvc", "repro")
    return clone, output, metrics(clone)


def stages_run(output: str) -> set[str]:
    return set(re.findall(r"Running stage '([^']+)'", output))


def change(clone: Path, edit: str, value: object) -> None:
    """Set the dotted key `edit` of the clone's params."""
    path = clone / "params.yaml"
    content = yaml.safe_load(path.read_text())
    *parents, last = edit.split(".")
    section = content
    for parent in parents:
        section = section[parent]
    section[last] = value
    path.write_text(yaml.safe_dump(content, sort_keys=False))


def test_every_stage_runs_and_its_tables_have_every_input(finished: tuple) -> None:
    clone, output, measured = finished
    expected = {stage for name in INPUTS for stage in stages_of(name)}
    assert stages_run(output) == expected | {"code", "prepare", "report"}
    assert measured.keys() >= {"ir", "vis", "lkc_funet", "fusion lkc_funet"}
    assert measured["ir"]["seeds"] == [0, 1]
    page = (clone / "reports" / "index.html").read_text()
    assert all(name in page for name in ("lkc_funet", "color_cone"))
    assert len(list((clone / "artifacts/fused/lkc_funet/test").glob("*.png"))) == 4


def test_dvc_shows_metrics_and_params(finished: tuple) -> None:
    clone, _, measured = finished
    shown = json.loads(run(clone, "dvc", "metrics", "show", "--json"))
    miou = shown[""]["data"]["metrics/summary.json"]["data"]["miou"]
    expected = {name: 100 * measured[name]["mean"]["miou"] for name in INPUTS}
    assert miou == pytest.approx(expected, rel=1e-4)
    assert "train_segmentation@deeplabv3-ir-1" in run(clone, "dvc", "dag")
    header = run(clone, "dvc", "exp", "show", "--csv").splitlines()[0]
    assert {"miou.lkc_funet", "preset", "segmentation.epochs"} <= set(header.split(","))
    run(clone, "dvc", "plots", "show")
    plots = (clone / "dvc_plots" / "index.html").read_text()
    assert "mIoU of each input" in plots
    assert "examples.png" in plots


def test_mlflow_lines_the_inputs_up(finished: tuple) -> None:
    """One run a stage and input; the segmentation runs share params and per-class metrics."""
    from mlflow import MlflowClient

    clone, _, measured = finished
    client = MlflowClient(f"sqlite:///{clone}/mlflow.db")
    experiment = client.get_experiment_by_name("demo")
    runs = client.search_runs(
        [experiment.experiment_id], filter_string="tags.stage = 'evaluate_segmentation'"
    )
    by_input = {run.data.tags["input"]: run.data for run in runs}
    assert by_input.keys() == set(INPUTS)
    for name, data in by_input.items():
        assert data.metrics["miou"] == pytest.approx(measured[name]["mean"]["miou"])
        assert "iou/unlabeled" in data.metrics
    assert len({frozenset(data.params) for data in by_input.values()}) == 1


def test_a_second_repro_does_nothing(finished: tuple) -> None:
    output = run(finished[0], "dvc", "repro")
    assert not stages_run(output)
    assert "up to date" in output


def test_a_seed_less_trains_nothing_and_changes_the_evaluation(finished: tuple) -> None:
    clone = finished[0]
    change(clone, "segmentation.seeds", [0])
    output = run(clone, "dvc", "repro")
    left = metrics(clone)["ir"]
    change(clone, "segmentation.seeds", [0, 1])
    run(clone, "dvc", "repro")
    assert metrics(clone) == finished[2]
    judged = {f"evaluate_segmentation@deeplabv3-{name}" for name in INPUTS}
    assert stages_run(output) == judged | {"code", "report"}
    assert left["seeds"] == [0]
    assert left["per_seed"] == {"0": finished[2]["ir"]["per_seed"]["0"]}


def test_a_new_method_reruns_only_what_is_new(finished: tuple) -> None:
    clone = finished[0]
    change(clone, "fusion.methods.maximum", {})
    output = run(clone, "dvc", "repro")
    assert stages_run(output) == {*stages_of("maximum"), "code", "report"}
    assert "maximum" in (clone / "reports" / "index.html").read_text()


def test_a_bad_parameter_stops_with_one_line(finished: tuple) -> None:
    clone = finished[0]
    change(clone, "segmentation.epochs", -1)
    output = run(clone, "dvc", "repro", check=False)
    change(clone, "segmentation.epochs", 2)
    assert "error: params.yaml: segmentation.epochs" in output
    assert "Traceback" not in output


def test_a_folder_without_labels_ends_with_the_fusion_tables(
    finished: tuple, tmp_path: Path
) -> None:
    """The user's own pairs, here those of the demo under other names."""
    clone = make_clone(tmp_path)
    for split in ("train", "test"):
        for kind in ("ir", "vi"):
            source = finished[0] / "data" / "demo" / split / kind
            shutil.copytree(source, tmp_path / "own" / split / kind)
    change(clone, "data", {"dataset": "folder", "root": str(tmp_path / "own")})
    change(clone, "fusion.methods", {"ir": {}, "average": {}})
    output = run(clone, "dvc", "repro")
    assert "average: not segmented: " in output
    assert "labels" in output
    assert len(pd.read_csv(clone / "metrics/fusion/average.csv")) == 4
    assert not list((clone / "artifacts/segmentation").rglob("model.safetensors"))
    assert "average" in (clone / "reports" / "index.html").read_text()


def test_a_server_that_is_down_costs_no_result(finished: tuple) -> None:
    clone = finished[0]
    weights = clone / "artifacts/fusion/lkc_funet/model.safetensors"
    before = weights.read_bytes()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{free.getsockname()[1]}"
    command = ["dvc", "repro", "--force", "--single-item", "train_fusion@lkc_funet"]
    output = run(clone, "env", f"MLFLOW_TRACKING_URI={dead}", *command)
    assert output.count("warning: MLflow does not answer") == 1
    assert weights.read_bytes() == before

"""A real `mlflow server`: the pipeline logs to it, the client and a browser read back."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from clone_case import TINY, make_clone, run
from mlflow_case import click_below, compare, compared, open_page, run_names, texts, wait
from PIL import Image

from pipeline.images.pixels import read_label, read_rgb

INPUTS = ("ir", "vis", "lkc_funet")
MODULES = {
    "train_fusion": "fusion.train",
    "fuse": "fusion.fuse",
    "evaluate_fusion": "fusion.evaluate",
    "measure_cost": "fusion.measure_cost",
    "train_segmentation": "segmentation.train",
    "evaluate_segmentation": "segmentation.evaluate",
}
# The stages' own command lines one after the other; one process spares 17 starts.
STAGES = """
import json, sys
from importlib import import_module
for module, *arguments in json.loads(sys.argv[1]):
    import_module(module).main(arguments)
"""
# Enough that the inputs differ in what they score; without weights, six images teach one class.
LEARNING = {
    "epochs": 40, "batch_size": 3, "optimizer": "adamw", "learning_rate": 0.01,
    "class_weights": "median_frequency", "augmentation": {"scale": [1, 1]}, "seeds": [0],
}  # fmt: skip

pytestmark = pytest.mark.long


def network(stage: str) -> list[str]:
    """The network that a stage works with, if it does."""
    return ["deeplabv3"] if "segmentation" in stage else []


@pytest.fixture(scope="module")
def clone(server: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone in which every stage has run with the server as its store."""
    params = TINY | {"segmentation": TINY["segmentation"] | LEARNING}
    params |= {"runtime": TINY["runtime"] | {"register_models": True}}
    made = make_clone(tmp_path_factory.mktemp("mlflow"), params)
    seed = {"train_segmentation": ["0"]}
    calls = [
        [module, *network(stage), name, *seed.get(stage, [])]
        for stage, module in MODULES.items()
        for name in INPUTS
    ]
    calls = [["pipeline.prepare"], *calls, ["pipeline.report.__main__"]]
    environment = ("env", f"MLFLOW_TRACKING_URI={server}", "NO_ALBUMENTATIONS_UPDATE=1")
    output = run(made, *environment, sys.executable, "-c", STAGES, json.dumps(calls))
    assert "warning: MLflow" not in output
    return made


@pytest.fixture(scope="module")
def client(server: str, clone: Path) -> Iterator[mlflow.MlflowClient]:
    """A client of the server, which is MLflow's own choice for as long as it is there."""
    mlflow.set_tracking_uri(server)
    yield mlflow.MlflowClient()
    mlflow.set_tracking_uri("")


@pytest.fixture(scope="module")
def experiment(client: mlflow.MlflowClient) -> str:
    """Id of the experiment, which is named after the data set."""
    return client.get_experiment_by_name("demo").experiment_id


@pytest.fixture(scope="module")
def runs(client: mlflow.MlflowClient, experiment: str) -> dict[str, mlflow.entities.Run]:
    """Runs by name."""
    found = client.search_runs([experiment])
    by_name = {run.info.run_name: run for run in found}
    assert len(by_name) == len(found)
    return by_name


def iou(clone: Path, name: str) -> dict[str, float]:
    """What `evaluate_segmentation` wrote to disk, a key a metric; absent classes left out."""
    mean = json.loads((clone / f"metrics/segmentation/deeplabv3/{name}.json").read_text())["mean"]
    return {f"iou/{key}": value for key, value in mean["iou"].items() if value is not None}


def download(client: mlflow.MlflowClient, run: mlflow.entities.Run, path: str, to: Path) -> Path:
    return Path(client.download_artifacts(run.info.run_id, path, str(to)))


def test_every_stage_has_a_finished_run(runs: dict) -> None:
    part = {"train_segmentation": "-seed-0"}
    stages = {
        f"{stage}@{'-'.join([*network(stage), name])}{part.get(stage, '')}"
        for stage in MODULES
        for name in INPUTS
    }
    assert runs.keys() == stages | {"prepare", "report"}
    assert {run.info.status for run in runs.values()} == {"FINISHED"}
    assert all(name.startswith(run.data.tags["stage"]) for name, run in runs.items())
    assert all(len(run.data.tags["git_commit"].partition("-")[0]) == 40 for run in runs.values())


def test_params_are_those_of_the_params_file(runs: dict) -> None:
    for name in INPUTS:
        for verb, seeds in (("train", "0"), ("evaluate", "[0]")):
            part = "-seed-0" if verb == "train" else ""
            logged = runs[f"{verb}_segmentation@deeplabv3-{name}{part}"].data.params
            wanted = {"input": name, "epochs": "40", "seeds": seeds, "optimizer": "adamw"}
            assert logged.items() >= wanted.items()
            assert logged["encoder"] == TINY["segmentation"]["encoder"]
    fusion = runs["train_fusion@lkc_funet"].data.params
    wanted = {"method": "lkc_funet", "kernels": "[5, 3]", "training.epochs": "2"}
    assert fusion.items() >= wanted.items()
    assert runs["evaluate_fusion@ir"].data.params["convention"] == "paper"


@pytest.mark.parametrize("name", INPUTS)
def test_metrics_are_those_on_disk(clone: Path, runs: dict, name: str) -> None:
    logged = runs[f"evaluate_segmentation@deeplabv3-{name}"].data.metrics
    per_class = {key: value for key, value in logged.items() if key.startswith("iou/")}
    assert per_class == iou(clone, name)
    summary = json.loads((clone / f"metrics/segmentation/deeplabv3/{name}.json").read_text())
    assert logged["miou"] == summary["mean"]["miou"] > 0
    fusion = json.loads((clone / f"metrics/fusion/{name}.json").read_text())
    assert runs[f"evaluate_fusion@{name}"].data.metrics == fusion


@pytest.mark.parametrize(
    ("run_name", "history"),
    [
        ("train_fusion@lkc_funet", "fusion/lkc_funet"),
        ("train_segmentation@deeplabv3-vis-seed-0", "segmentation/deeplabv3/vis/seed-0"),
    ],
)
def test_training_curves_are_those_on_disk(
    clone: Path, client: mlflow.MlflowClient, runs: dict, run_name: str, history: str
) -> None:
    table = pd.read_csv(clone / "artifacts" / history / "history.csv")
    points = client.get_metric_history(runs[run_name].info.run_id, "loss")
    assert [point.step for point in points] == table["epoch"].tolist()
    assert [point.value for point in points] == pytest.approx(table["loss"].tolist())


def test_artifacts_have_the_figures(
    clone: Path, client: mlflow.MlflowClient, runs: dict, tmp_path: Path
) -> None:
    figures = {
        "evaluate_segmentation@deeplabv3-vis": "confusion.png",
        "evaluate_fusion@vis": "distributions.png",
        "report": "figures/iou.png",
    }
    for run_name, path in figures.items():
        picture = Image.open(download(client, runs[run_name], path, tmp_path))
        assert min(picture.size) > 200
        assert len(np.unique(np.asarray(picture))) > 50
    page = download(client, runs["report"], "index.html", tmp_path)
    assert page.read_bytes() == (clone / "reports/index.html").read_bytes()
    fused = sorted((clone / "artifacts/fused/lkc_funet/test").glob("*.png"))[0]
    logged = download(client, runs["fuse@lkc_funet"], f"fused/{fused.name}", tmp_path)
    assert logged.read_bytes() == fused.read_bytes()


@pytest.mark.parametrize("name", ["ir", "lkc_funet"])
def test_the_model_from_the_server_predicts_the_same_labels(
    clone: Path, runs: dict, name: str
) -> None:
    (logged,) = runs[f"evaluate_segmentation@deeplabv3-{name}"].outputs.model_outputs
    model = mlflow.pyfunc.load_model(f"models:/demo-deeplabv3-{name}/1")
    assert model.model_id == logged.model_id
    files = sorted((clone / f"artifacts/fused/{name}/test").glob("*.png"))
    images = np.stack([read_rgb(file) for file in files])
    predictions = clone / f"artifacts/evaluation/deeplabv3/{name}/predictions"
    expected = np.stack([read_label(predictions / file.name) for file in files])
    assert len(np.unique(expected)) > 1
    assert np.array_equal(model.predict(images), expected)
    spec = {"dtype": "uint8", "shape": (-1, -1, -1, 3)}
    signature = model.metadata.signature
    assert signature.inputs.to_dict() == [{"type": "tensor", "tensor-spec": spec}]
    assert signature.outputs.to_dict()[0]["tensor-spec"]["shape"] == (-1, -1, -1)
    assert np.array_equal(model.input_example, images[:1])


@pytest.fixture(scope="module")
def browser(chromium, server: str, experiment: str):
    """Chromium on the experiment's page."""
    open_page(chromium, f"{server}/#/experiments/{experiment}/runs")
    return chromium


def test_the_experiment_page_lists_the_runs(browser, runs: dict) -> None:
    wait(browser, lambda driver: len(run_names(driver)) >= len(runs))
    assert sorted(run_names(browser)) == sorted(runs)


@pytest.fixture(scope="module")
def comparison(browser, server: str, experiment: str):
    """The compare view of what judged the inputs."""
    compare(browser, f"{server}/#/experiments/{experiment}/runs", "evaluate_segmentation", 3)
    return browser


def test_the_compare_view_shows_iou_per_class(comparison, clone: Path) -> None:
    text = comparison.find_element("tag name", "body").text
    place = {name: text.index(f"evaluate_segmentation@deeplabv3-{name}\n") for name in INPUTS}
    inputs = sorted(INPUTS, key=place.__getitem__)
    expected = {name: iou(clone, name) for name in inputs}
    assert expected["ir"] != expected["vis"] != expected["lkc_funet"]
    shown = {key: row for key, row in compared(comparison).items() if key.startswith("iou/")}
    assert shown.keys() == expected["ir"].keys()
    for key, row in shown.items():
        # MLflow shows three decimals.
        assert row == pytest.approx([expected[name][key] for name in inputs], abs=0.00051)


def test_the_compare_view_tells_the_inputs_apart(comparison) -> None:
    """The plot has an axis of inputs, and the confusion matrices stand side by side."""
    axes = ".axis-title"
    wait(comparison, lambda driver: {"input", "miou"} <= set(texts(driver, axes)))
    click_below(comparison, "//*[text()='confusion.png']")
    images = """
    const shown = [...document.images].filter((i) => i.naturalWidth && i.src.startsWith("blob:"));
    return new Set(shown.map((image) => image.src)).size;
    """
    wait(comparison, lambda driver: driver.execute_script(images) == len(INPUTS))

"""A real `mlflow server`: the pipeline logs to it, the client and a browser read back."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import mlflow
import numpy as np
import pandas as pd
import pytest
from clone_case import TINY, make_clone, run
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
PATIENCE = 120

pytestmark = pytest.mark.long


def network(stage: str) -> list[str]:
    """The network that a stage works with, if it does."""
    return ["deeplabv3"] if "segmentation" in stage else []


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def wait_until_healthy(uri: str, process: subprocess.Popen, log: Path) -> None:
    for _ in range(2 * PATIENCE):
        assert process.poll() is None, log.read_text()[-4000:]
        try:
            assert urlopen(f"{uri}/health", timeout=5).read() == b"OK"
        except (URLError, TimeoutError):
            time.sleep(0.5)
        else:
            return
    pytest.fail(f"the server does not answer: {log.read_text()[-4000:]}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an MLflow server on SQLite that keeps everything in a temporary folder."""
    folder = tmp_path_factory.mktemp("server")
    port, log = free_port(), folder / "server.log"
    command = [
        sys.executable, "-m", "mlflow", "server", "--port", str(port), "--workers", "1",
        "--backend-store-uri", f"sqlite:///{folder}/mlflow.db",
        "--artifacts-destination", str(folder / "artifacts"),
    ]  # fmt: skip
    with log.open("w") as out:
        process = subprocess.Popen(
            command, cwd=folder, stdout=out, stderr=out, start_new_session=True
        )
        try:
            uri = f"http://127.0.0.1:{port}"
            wait_until_healthy(uri, process, log)
            yield uri
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(PATIENCE)


@pytest.fixture(scope="module")
def clone(server: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone in which every stage has run with the server as its store."""
    params = TINY | {"segmentation": TINY["segmentation"] | LEARNING}
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
    model = mlflow.pyfunc.load_model(f"models:/{logged.model_id}")
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
    """Chromium on the experiment's page; large, for MLflow draws only what is in sight."""
    size = {"width": 2400, "height": 2000, "deviceScaleFactor": 1, "mobile": False}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    chromium.get(f"{server}/#/experiments/{experiment}/runs")
    return chromium


def texts(driver, css: str) -> list[str]:
    # Read in one call: the page redraws its elements at any time.
    script = "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent.trim())"
    return driver.execute_script(script, css)


def wait(driver, condition) -> None:
    from selenium.webdriver.support.wait import WebDriverWait

    WebDriverWait(driver, PATIENCE).until(condition)


def click(driver, xpath: str) -> None:
    """Click as soon as the page lets it."""
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.support.wait import WebDriverWait

    waiting = WebDriverWait(driver, PATIENCE, ignored_exceptions=[WebDriverException])
    waiting.until(lambda driver: driver.find_element("xpath", xpath).click() or True)


def run_names(driver) -> list[str]:
    return [text for text in texts(driver, "a[href*='/runs/'] span") if text]


def test_the_experiment_page_lists_the_runs(browser, runs: dict) -> None:
    wait(browser, lambda driver: len(run_names(driver)) >= len(runs))
    assert sorted(run_names(browser)) == sorted(runs)


def compared(driver) -> dict[str, list[float]]:
    """The compare view's metrics: name to values, one a run, as many digits as it shows."""
    script = """
    const link = document.querySelector("a[title='Plot chart']");
    if (!link) return {};
    const grids = [...document.querySelectorAll("[role=grid]")];
    const names = grids.findIndex((grid) => grid.contains(link));
    const [keys, values] = [0, 1].map((i) => [...grids[names + i].firstElementChild.children]);
    const row = (key) => values.filter((value) => value.style.top === key.style.top);
    return Object.fromEntries(
      keys.map((key) => [key.innerText.trim(), row(key).map((value) => value.innerText)]));
    """
    return {key: [float(x) for x in row] for key, row in driver.execute_script(script).items()}


@pytest.fixture(scope="module")
def comparison(browser, server: str, experiment: str):
    """The compare view, opened as people do: search, tick all, Compare."""
    search = "tags.stage+%3D+%27evaluate_segmentation%27"
    browser.get("about:blank")  # the open page would keep the search it has
    browser.get(f"{server}/#/experiments/{experiment}/runs?searchFilter={search}")
    wait(browser, lambda driver: len(run_names(driver)) == len(INPUTS))
    everything = "contains(@class, 'header-select-all') and not(contains(@class, 'ag-hidden'))"
    click(browser, f"//*[{everything}]//input")
    click(browser, "//button[.='Compare' and not(@disabled)]")
    wait(browser, lambda driver: len(compared(driver).get("miou", [])) == len(INPUTS))
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


@pytest.mark.xfail(reason="artifacts lie below the window since runs log more params")
def test_the_compare_view_tells_the_inputs_apart(comparison) -> None:
    """The plot has an axis of inputs, and the confusion matrices stand side by side."""
    axes = ".axis-title"
    wait(comparison, lambda driver: {"input", "miou"} <= set(texts(driver, axes)))
    click(comparison, "//*[text()='confusion.png']")
    images = """
    const shown = [...document.images].filter((i) => i.naturalWidth && i.src.startsWith("blob:"));
    return new Set(shown.map((image) => image.src)).size;
    """
    wait(comparison, lambda driver: driver.execute_script(images) == len(INPUTS))

"""Train, evaluate and predict on a tiny data set, through the stages' own command lines."""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import mlflow
import numpy as np
import pytest
import segmentation_case as scene
import torch
import yaml
from torchmetrics.classification import MulticlassJaccardIndex

from pipeline.images.palette import palette
from pipeline.images.pixels import read_label, read_rgb, write_png
from segmentation import evaluate, evaluate_for_all, predict, train, train_for_all
from segmentation.data.augment import Augment
from segmentation.data.batches import Epochs
from segmentation.data.samples import camera_images, input_images
from segmentation.model.label_maps import predict_labels
from segmentation.model.networks import load

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory):
    """A folder where input `vis` was trained and evaluated with two seeds."""
    folder = tmp_path_factory.mktemp("project")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        scene.write(("vis",))
        params = scene.params(epochs=20, optimizer="adamw", augmentation={"scale": (1, 1)})
        Path("params.yaml").write_text(yaml.safe_dump(params.model_dump(mode="json")))
        for seed in ("0", "1"):
            train.main(["deeplabv3", "vis", seed])
        evaluate.main(["deeplabv3", "vis"])
        yield folder


def summary() -> dict:
    return json.loads(Path("metrics/segmentation/deeplabv3/vis.json").read_text())


def test_training_learns_and_leaves_its_files(inside: Path) -> None:
    for seed in (0, 1):
        folder = Path(f"artifacts/segmentation/deeplabv3/vis/seed-{seed}")
        assert {file.name for file in folder.iterdir()} == {
            "model.safetensors", "config.json", "history.csv",
        }  # fmt: skip
        history = list(csv.DictReader((folder / "history.csv").open()))
        assert len(history) == 20
        assert float(history[-1]["loss"]) < 0.5 * float(history[0]["loss"])
    assert summary()["mean"]["iou"]["car"] > 0.4


def test_scores_are_those_of_torchmetrics_on_the_written_predictions(inside: Path) -> None:
    metric = MulticlassJaccardIndex(3, average="none")
    for file in sorted(Path("artifacts/evaluation/deeplabv3/vis/predictions").iterdir()):
        truth = read_label(Path("data/folder/test/label") / file.name)
        metric.update(torch.tensor(read_label(file))[None], torch.tensor(truth)[None])
    iou = summary()["per_seed"]["0"]["iou"]
    assert iou["person"] is None
    expected = metric.compute()[:2].tolist()
    assert [iou["road"], iou["car"]] == pytest.approx(expected, abs=1e-6)
    assert summary()["per_seed"]["0"]["miou"] == pytest.approx(np.mean(expected), abs=1e-6)


def test_confusion_file(inside: Path) -> None:
    with np.load("artifacts/evaluation/deeplabv3/vis/confusion.npz") as content:
        assert content["names"].tolist() == ["000N", "001D", "002N"]
        assert content["day_night"].tolist() == ["night", "day", "night"]
        assert content["seeds"].tolist() == [0, 1]
        confusion = content["confusion"]
    assert confusion.shape == (2, 3, 3, 3) and confusion.dtype == np.int64
    for index, name in enumerate(("000N", "001D", "002N")):
        truth = read_label(f"data/folder/test/label/{name}.png")
        counts = np.bincount(truth.ravel(), minlength=3)
        assert np.array_equal(confusion[:, index].sum(axis=2), [counts, counts])


def test_summary_over_seeds_and_times_of_day(inside: Path) -> None:
    content = summary()
    assert content["classes"] == list(scene.CLASSES) and content["seeds"] == [0, 1]
    seeds = [content["per_seed"][seed] for seed in ("0", "1")]
    values = [seed["miou"] for seed in seeds]
    assert content["mean"]["miou"] == pytest.approx(np.mean(values))
    assert content["std"]["miou"] == pytest.approx(np.std(values, ddof=1))
    with np.load("artifacts/evaluation/deeplabv3/vis/confusion.npz") as file:
        day = file["confusion"][0, 1]
    hits = day.diagonal()[:2] / (day.sum(0) + day.sum(1) - day.diagonal())[:2]
    assert seeds[0]["day"]["miou"] == pytest.approx(hits.mean())


def test_runs_in_mlflow(inside: Path) -> None:
    """One run a stage, input and seed; curves with steps, IoU by class, figure, model."""
    client = mlflow.MlflowClient(f"sqlite:///{Path.cwd()}/mlflow.db")
    experiment = client.get_experiment_by_name("folder").experiment_id
    runs = {run.info.run_name: run for run in client.search_runs([experiment])}
    training, evaluation = (
        runs[f"{name}@deeplabv3-vis{part}"]
        for name, part in (("train_segmentation", "-seed-1"), ("evaluate_segmentation", ""))
    )
    curve = client.get_metric_history(training.info.run_id, "loss")
    assert [point.step for point in curve] == list(range(1, 21))
    logged = evaluation.data.metrics
    assert logged["iou/car"] == pytest.approx(summary()["mean"]["iou"]["car"])
    assert "iou/person" not in logged
    assert {"miou", "pixel_accuracy", "day/miou", "night/miou"} <= set(logged)
    files = client.list_artifacts(evaluation.info.run_id)
    assert [file.path for file in files] == ["confusion.png", "vis.json"]
    assert len(evaluation.outputs.model_outputs) == 1
    assert evaluation.info.status == training.info.status == "FINISHED"


def model_uri() -> str:
    client = mlflow.MlflowClient(f"sqlite:///{Path.cwd()}/mlflow.db")
    experiment = client.get_experiment_by_name("folder").experiment_id
    runs = {run.info.run_name: run for run in client.search_runs([experiment])}
    return (
        f"models:/{runs['evaluate_segmentation@deeplabv3-vis'].outputs.model_outputs[0].model_id}"
    )


def test_logged_model_predicts_the_same_labels(inside: Path) -> None:
    mlflow.set_tracking_uri(f"sqlite:///{Path.cwd()}/mlflow.db")
    model = mlflow.pyfunc.load_model(model_uri())
    files = sorted(Path("artifacts/fused/vis/test").iterdir())
    labels = model.predict(np.stack([read_rgb(file) for file in files]))
    for file, label in zip(files, labels, strict=True):
        assert np.array_equal(
            label, read_label(Path("artifacts/evaluation/deeplabv3/vis/predictions") / file.name)
        )
    assert model.metadata.signature.inputs.to_dict()[0]["tensor-spec"]["dtype"] == "uint8"
    assert model.input_example.shape == (1, 24, 32, 3)


def test_logged_model_holds_no_pickle(inside: Path) -> None:
    mlflow.set_tracking_uri(f"sqlite:///{Path.cwd()}/mlflow.db")
    folder = Path(mlflow.artifacts.download_artifacts(model_uri(), dst_path="downloaded"))
    suffixes = {file.suffix for file in folder.rglob("*") if file.is_file()}
    assert ".safetensors" in suffixes
    assert not suffixes & {".pkl", ".pickle", ".pt", ".pth", ".bin"}


@pytest.mark.slow
def test_logged_model_needs_no_project(inside: Path, tmp_path: Path) -> None:
    """In another process, far from the project, the model brings its own code."""
    program = (
        "import sys, numpy as np, mlflow; mlflow.set_tracking_uri(sys.argv[1]);"
        "model = mlflow.pyfunc.load_model(sys.argv[2]);"
        "np.save('labels.npy', model.predict(np.load('images.npy')));"
        "import segmentation; print(segmentation.__file__)"
    )
    file = sorted(Path("artifacts/fused/vis/test").iterdir())[0]
    np.save(tmp_path / "images.npy", read_rgb(file)[None])
    command = [sys.executable, "-c", program, f"sqlite:///{inside}/mlflow.db", model_uri()]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    expected = read_label(Path("artifacts/evaluation/deeplabv3/vis/predictions") / file.name)
    assert np.array_equal(np.load(tmp_path / "labels.npy")[0], expected)
    assert not done.stdout.startswith(str(ROOT / "segmentation"))


def test_evaluation_is_at_full_size(inside: Path) -> None:
    """A network trained at half size labels every pixel of the whole image."""
    model, config = load(Path("artifacts/segmentation/deeplabv3/vis/seed-0"))
    image = read_rgb("artifacts/fused/vis/test/000N.png")
    twice = image.repeat(2, axis=0).repeat(2, axis=1)
    label = predict_labels(model, twice, tuple(config["segmentation"]["size"]))
    assert label.shape == (48, 64)
    small = read_label("artifacts/evaluation/deeplabv3/vis/predictions/000N.png")
    agreement = np.mean(label == small.repeat(2, axis=0).repeat(2, axis=1))
    assert agreement > 0.95


def test_predict_writes_labels_and_overlays(inside: Path, tmp_path: Path, capsys) -> None:
    images = tmp_path / "images"
    odd = scene.picture(np.random.default_rng(9), 37, 51)[0]
    write_png(images / "odd.png", odd)
    write_png(images / "000N.png", read_rgb("artifacts/fused/vis/test/000N.png"))
    model = "artifacts/segmentation/deeplabv3/vis/seed-0"
    predict.main(["--model", model, str(images), "--out", str(tmp_path / "out")])
    assert "2 label maps" in capsys.readouterr().out
    label = read_label(tmp_path / "out/labels/000N.png")
    assert np.array_equal(
        label, read_label("artifacts/evaluation/deeplabv3/vis/predictions/000N.png")
    )
    label, painted = (
        read(tmp_path / f"out/{kind}/odd.png")
        for kind, read in (("labels", read_label), ("overlays", read_rgb))
    )
    assert label.shape == (37, 51)
    assert np.array_equal(painted[label == 0], odd[label == 0])
    car = 0.4 * odd[label == 1] + 0.6 * palette(3)[1]
    assert (label == 1).any() and np.abs(painted[label == 1] - car).max() <= 0.5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "nowhere", "artifacts/fused/vis/test"], "nowhere/model.safetensors: no such"),
        (
            ["--model", "artifacts/segmentation/deeplabv3/vis/seed-0", "nothing"],
            "nothing: no such file",
        ),
        (
            ["--model", "artifacts/segmentation/deeplabv3/vis/seed-0", "metrics"],
            "metrics: no images",
        ),
    ],
)
def test_predict_refuses_in_one_line(inside: Path, capsys, arguments, message: str) -> None:
    with pytest.raises(SystemExit) as stop:
        predict.main([*arguments, "--out", "out"])
    assert stop.value.code == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


@pytest.mark.parametrize("why", ["no train images", "no labels"])
def test_left_out_inputs_say_why(tmp_path: Path, monkeypatch, capsys, why: str) -> None:
    monkeypatch.chdir(tmp_path)
    scene.write(("vis",))
    Path("params.yaml").write_text(yaml.safe_dump(scene.params().model_dump(mode="json")))
    if why == "no labels":
        reason, place = "the data set has no labels", "data/folder/train/label"
    else:
        reason, place = "its folder has no train images", "artifacts/fused/vis/train"
    Path(place, "left_out.json").write_text(json.dumps({"reason": reason}))
    train.main(["deeplabv3", "vis", "0"])
    evaluate.main(["deeplabv3", "vis"])
    assert capsys.readouterr().out.count(f"vis: not segmented: {reason}") == 2
    assert summary() == {"input": "vis", "left_out": reason}
    assert Path("artifacts/segmentation/deeplabv3/vis/seed-0/left_out.json").is_file()
    assert Path("artifacts/evaluation/deeplabv3/vis/left_out.json").is_file()


@pytest.fixture(scope="module")
def for_all(tmp_path_factory: pytest.TempPathFactory):
    """A folder where a network of both cameras judged `vis` and an input of test images alone."""
    folder = tmp_path_factory.mktemp("for_all")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        scene.write(("vis", "theirs"))
        scene.write_cameras()
        shutil.rmtree("artifacts/fused/theirs/train")
        learning = {
            "optimizer": "adamw", "augmentation": {"scale": (1, 1)}, "seeds": (0,),
            "class_weights": "median_frequency",
        }  # fmt: skip
        networks = {"networks": {"unet": {}}, "one_for_all": ["unet"], "epochs": 50}
        params = scene.params(**learning, **networks)
        Path("params.yaml").write_text(yaml.safe_dump(params.model_dump(mode="json")))
        train_for_all.main(["unet", "0"])
        for name in ("vis", "theirs"):
            evaluate_for_all.main(["unet", name])
        yield folder


def judged(name: str) -> dict:
    return json.loads(Path(f"metrics/segmentation/one_for_all/unet/{name}.json").read_text())


def test_test_images_alone_get_a_verdict(for_all: Path, monkeypatch) -> None:
    """The same pixels under two names score the same, by a network that has seen neither."""
    monkeypatch.chdir(for_all)
    assert judged("theirs") | {"input": "vis"} == judged("vis")
    assert judged("theirs")["mean"]["iou"]["car"] > 0.3
    config = json.loads(
        Path("artifacts/segmentation/one_for_all/unet/seed-0/config.json").read_text()
    )
    assert config["segmentation"]["decoder"] == "unet"
    names = {run.info.run_name for run in all_runs()}
    assert names == {
        "train_for_all@unet-seed-0", "evaluate_for_all@unet-vis", "evaluate_for_all@unet-theirs",
    }  # fmt: skip


def all_runs() -> list:
    # MLflow keeps a connection by the store's name: a relative one may be another test's.
    client = mlflow.MlflowClient(f"sqlite:///{Path.cwd()}/mlflow.db")
    return client.search_runs([client.get_experiment_by_name("folder").experiment_id])


def test_it_takes_as_many_steps_as_a_network_of_one_input(for_all: Path, monkeypatch) -> None:
    """Seven scenes in steps of three are two steps, whichever camera they are seen by."""
    monkeypatch.chdir(for_all)
    names = [file.stem for file in sorted(Path("data/folder/train/label").iterdir())]
    params = scene.params(networks={"unet": {}})
    one = input_images(params, "unet", "vis", names)
    both = camera_images(params, "unet", names)
    augment = Augment(params.segmentation.of("unet"), 0)
    orders = [Epochs(images, augment, 0).epoch(5).steps for images in (one, both)]
    assert orders[0] == orders[1] and len(orders[0]) == 2


def test_without_labels_nothing_is_judged(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    scene.write(("vis",))
    params = scene.params(one_for_all=["deeplabv3"], seeds=(0,))
    Path("params.yaml").write_text(yaml.safe_dump(params.model_dump(mode="json")))
    Path("data/folder/train/label/left_out.json").write_text('{"reason": "no labels"}')
    train_for_all.main(["deeplabv3", "0"])
    evaluate_for_all.main(["deeplabv3", "vis"])
    assert capsys.readouterr().out.count("no labels") == 2
    scores = json.loads(Path("metrics/segmentation/one_for_all/deeplabv3/vis.json").read_text())
    assert scores == {"input": "vis", "left_out": "no labels"}

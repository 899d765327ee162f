"""The stages that judge a method: files written, errors that name files."""

import json
import sys

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from fusion import evaluate, evaluate_pairs, fuse_pairs, measure_cost
from fusion.metrics import NAMES
from fusion.metrics import evaluate as metrics
from pipeline.images.pixels import write_png

NAMES_OF_PAIRS = ("00001D", "00002N", "00003D")
SHAPE = (48, 56)


def _image(seed, channels=None):
    shape = SHAPE if channels is None else (*SHAPE, channels)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """One MLflow database for the file: making one takes seconds."""
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow') / 'mlflow.db'}"


@pytest.fixture
def project(tmp_path, monkeypatch, store):
    """A prepared data set with the fused images of method `average`, and a further pair set."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)
    rows = []
    for seed, name in enumerate(NAMES_OF_PAIRS):
        write_png(f"data/folder/test/ir/{name}.png", _image(seed))
        write_png(f"data/folder/test/vi/{name}.png", _image(seed + 10, 3))
        write_png(f"artifacts/fused/average/test/{name}.png", _image(seed + 20, 3))
        rows.append([name])
        write_png(f"others/tno/ir/{name}.png", _image(seed + 30))
        write_png(f"others/tno/vi/{name}.png", _image(seed + 40))
    names = pd.DataFrame(rows, columns=["name"])
    names.to_csv("data/folder/test/names.csv", index=False)
    content = {
        "data": {"dataset": "folder", "root": "data"},
        "fusion": {
            "methods": {"average": {}, "theirs": {"type": "precomputed", "path": "others"}},
            "evaluation": {"cost": False, "pairs": {"tno": "others/tno"}, "convention": "paper"},
        },
    }
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(content))
    return tmp_path


def fuse_and_judge(method: str, pair_set: str) -> None:
    """Both stages of a pair set."""
    fuse_pairs.main([method, pair_set])
    evaluate_pairs.main([method, pair_set])


def test_evaluate_writes_metrics_per_image_and_their_means(project):
    evaluate.main(["average"])
    table = pd.read_csv("metrics/fusion/average.csv", dtype={"name": str})
    assert tuple(table) == ("name", *NAMES)
    assert tuple(table.name) == NAMES_OF_PAIRS
    expected = metrics(_image(21, 3), _image(1), _image(11, 3), "paper")
    assert table.iloc[1].drop("name").to_dict() == pytest.approx(expected, rel=1e-8)
    averages = json.loads((project / "metrics/fusion/average.json").read_text())
    assert averages == pytest.approx(table[list(NAMES)].mean().to_dict())


def test_metrics_chosen_in_params_are_the_columns_of_both_stages(project):
    content = yaml.safe_load((project / "params.yaml").read_text())
    content["fusion"]["evaluation"]["metrics"] = ["Nabf", "SD", "Qcb"]
    (project / "params.yaml").write_text(yaml.safe_dump(content))
    evaluate.main(["average"])
    fuse_and_judge("average", "tno")
    for file in ("fusion/average.csv", "pairs/average/tno.csv"):
        assert tuple(pd.read_csv(f"metrics/{file}")) == ("name", "Nabf", "SD", "Qcb")


def measured(project, method):
    measure_cost.main([method])
    return json.loads((project / f"metrics/cost/{method}.json").read_text())


def test_the_cost_is_measured_or_the_file_says_why_not(project):
    assert measured(project, "average") == {"not_measured": "fusion.evaluation.cost is false"}
    content = yaml.safe_load((project / "params.yaml").read_text())
    content["fusion"]["evaluation"]["cost"] = True
    (project / "params.yaml").write_text(yaml.safe_dump(content))
    assert measured(project, "theirs") == {"not_measured": "the images come from outside"}


def test_evaluate_logs_to_mlflow(project, store):
    from mlflow import MlflowClient

    evaluate.main(["average"])
    client = MlflowClient(store)
    experiment = client.get_experiment_by_name("folder")
    run = client.search_runs([experiment.experiment_id], order_by=["start_time DESC"])[0]
    averages = json.loads((project / "metrics/fusion/average.json").read_text())
    assert run.info.run_name == "evaluate_fusion@average"
    assert run.data.metrics == pytest.approx(averages)
    logged = {item.path for item in client.list_artifacts(run.info.run_id)}
    assert {"average.csv", "distributions.png"} <= logged


def test_a_missing_fused_image_is_named(project, capsys):
    (project / "artifacts/fused/average/test/00002N.png").unlink()
    with pytest.raises(SystemExit) as stopped:
        evaluate.main(["average"])
    assert stopped.value.code == 2
    assert "artifacts/fused/average/test/00002N.png: no such fused image" in capsys.readouterr().err
    assert not (project / "metrics/fusion/average.csv").exists()


def test_a_fused_image_of_another_size_is_named(project, capsys):
    write_png("artifacts/fused/average/test/00002N.png", np.zeros((60, 60, 3), np.uint8))
    with pytest.raises(SystemExit):
        evaluate.main(["average"])
    error = capsys.readouterr().err
    assert "00002N.png" in error
    assert "ir 48×56 and fused 60×60" in error


def test_pairs_are_fused_and_judged_without_training(project):
    fuse_and_judge("average", "tno")
    table = pd.read_csv("metrics/pairs/average/tno.csv", dtype={"name": str})
    assert tuple(table) == ("name", *NAMES)
    assert table.name.tolist() == list(NAMES_OF_PAIRS)
    # The average of two gray images, by hand; a half may round either way.
    middle = (_image(30).astype(int) + _image(40)) / 2
    expected = metrics(middle, _image(30), _image(40), "paper")
    assert table.iloc[0][["SD", "CC"]].to_dict() == pytest.approx(
        {key: expected[key] for key in ("SD", "CC")}, rel=1e-2
    )
    assert (project / "artifacts/pairs/average/tno/00001D.png").is_file()


def test_images_from_outside_without_the_set_leave_it_out(project, capsys):
    (project / "others/tno").rename(project / "others/elsewhere")
    content = yaml.safe_load((project / "params.yaml").read_text())
    content["fusion"]["evaluation"]["pairs"] = {"tno": "others/elsewhere"}
    (project / "params.yaml").write_text(yaml.safe_dump(content))
    fuse_and_judge("theirs", "tno")
    assert "theirs: left out of tno" in capsys.readouterr().out
    assert pd.read_csv("metrics/pairs/theirs/tno.csv").empty
    assert (project / "artifacts/pairs/theirs/tno").is_dir()


def test_pair_sets_in_other_formats_reach_methods_from_outside(project):
    """A set of BMP: a program gets the PNG it is promised, gray and RGB; a folder may be BMP."""
    script = (
        "import sys; from pathlib import Path; from PIL import Image\n"
        "ir, vi, out = map(Path, sys.argv[1:])\n"
        "for file in ir.glob('*.png'):\n"
        "    modes = Image.open(file).mode, Image.open(vi / file.name).mode\n"
        "    assert modes == ('L', 'RGB'), modes\n"
        "    Image.open(vi / file.name).save(out / file.name)\n"
    )
    (project / "copy.py").write_text(script)
    for file in [*(project / "others/tno").rglob("*.png")]:
        bmp = project / "bmp" / file.parent.name / f"{file.stem}.bmp"
        bmp.parent.mkdir(parents=True, exist_ok=True)
        Image.open(file).convert("RGB").save(bmp)
    (project / "theirs").mkdir()
    (project / "bmp/vi").rename(project / "theirs/set")
    (project / "bmp/vi").symlink_to(project / "theirs/set")
    content = yaml.safe_load((project / "params.yaml").read_text())
    run = f"{sys.executable} copy.py {{ir}} {{vi}} {{out}}"
    content["fusion"]["methods"] = {
        "program": {"type": "command", "run": run},
        "theirs": {"type": "precomputed", "path": "theirs"},
    }
    content["fusion"]["evaluation"]["pairs"] = {"set": "bmp"}
    (project / "params.yaml").write_text(yaml.safe_dump(content))
    for method in ("program", "theirs"):
        fuse_and_judge(method, "set")
        table = pd.read_csv(f"metrics/pairs/{method}/set.csv", dtype={"name": str})
        assert table.name.tolist() == list(NAMES_OF_PAIRS)
        for name in NAMES_OF_PAIRS:
            fused = np.asarray(Image.open(f"artifacts/pairs/{method}/set/{name}.png"))
            assert np.array_equal(fused, np.asarray(Image.open(f"bmp/vi/{name}.bmp")))
    assert not list((project / "checkpoints").rglob("*.png"))


def test_an_unknown_set_is_named(project, capsys):
    with pytest.raises(SystemExit):
        fuse_pairs.main(["average", "nowhere"])
    assert "no set 'nowhere'; there are tno" in capsys.readouterr().err


def test_a_pair_set_without_its_folders_is_named(project, capsys):
    (project / "others/tno/vi").rename(project / "others/tno/visible")
    with pytest.raises(SystemExit):
        fuse_pairs.main(["average", "tno"])
    error = capsys.readouterr().err
    assert "fusion.evaluation.pairs.tno: " in error
    assert "others/tno: needs folders ir and vi" in error

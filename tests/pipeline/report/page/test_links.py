from urllib.parse import unquote

import pytest
import report_case

from pipeline import params, tracking
from pipeline.report.page.links import links, public


@pytest.fixture
def chosen(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    report_case.build(tmp_path, labels=False)
    return params.load()


def test_the_page_tells_no_password_and_no_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert public("https://me:secret@mlflow.example.org/x") == "https://mlflow.example.org/x"
    assert public(f"sqlite:///{tmp_path.resolve()}/mlflow.db") == "sqlite:///mlflow.db"


class Served:
    def newest(self):
        return {"fuse@alpha": ("7", "b"), "fuse@stale": ("7", "c"), "prepare": ("7", "a")}


def test_runs_of_this_params_are_linked_on_the_server(chosen, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://mlflow.example.org/")
    found = links(chosen, Served())
    assert found["runs"] == {
        "fuse@alpha": "http://mlflow.example.org/#/experiments/7/runs/b",
        "prepare": "http://mlflow.example.org/#/experiments/7/runs/a",
    }
    assert found["command"] == ""


class Segmented:
    def newest(self):
        stage = "evaluate_segmentation"
        return {
            f"{stage}@deeplabv3-alpha": ("7", "b"),
            f"{stage}@deeplabv3-ir": ("7", "c"),
            f"{stage}@unet-ir": ("7", "e"),
            "fuse@alpha": ("7", "d"),
        }


def test_segmentation_results_open_side_by_side(chosen, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://mlflow.example.org")
    address = links(chosen, Segmented())["compare"]
    assert unquote(address) == (
        'http://mlflow.example.org/#/compare-runs?runs=["b", "c"]&experiments=["7"]'
    )
    assert links(chosen, Served())["compare"] == ""


@pytest.mark.slow
def test_a_local_store_gives_its_newest_finished_runs(chosen):
    ids = []
    for _ in range(2):
        with tracking.run(chosen, "fuse", "alpha") as run:
            ids.append(run.id)
    with tracking.run(chosen, "report") as run:
        found = links(chosen, run)
    assert list(found["runs"]) == ["fuse@alpha"]
    assert found["runs"]["fuse@alpha"].endswith(f"/runs/{ids[-1]}")
    assert found["command"] == "mlflow ui --backend-store-uri sqlite:///mlflow.db"

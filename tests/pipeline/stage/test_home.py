"""The project's folder, seen from itself and from the copies that DVC runs experiments in."""

from pathlib import Path

import pytest

from pipeline.results import paths
from pipeline.stage.home import home, resolve


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary copy of the project, as `dvc exp run --temp` makes it; the working directory."""
    folder = tmp_path / ".dvc/tmp/exps/temp/tmp1"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


def test_in_the_project_home_is_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    assert home() == tmp_path
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    assert home() == tmp_path


def test_in_a_copy_home_is_the_project(copy: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    assert home() == tmp_path
    assert resolve(Path("own/pairs")) == tmp_path / "own/pairs"
    assert resolve(Path("/somewhere")) == Path("/somewhere")
    mark = "0123456789abcdef0123"
    assert paths.unfinished(paths.fusion_model("net"), mark) == (
        tmp_path / "checkpoints/fusion/net/0123456789abcdef"
    )


def test_a_root_that_is_not_above_says_nothing(copy: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("DVC_ROOT", str(tmp_path / "elsewhere"))
    assert home() == copy

"""The project's folder, seen from itself and from the copies that DVC runs experiments in."""

from pathlib import Path

import pytest

from fusion.methods.base import create
from pipeline.data import folder, msrs
from pipeline.params import DataParams
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


def test_in_a_copy_what_lies_outside_is_found_in_the_project(copy: Path, tmp_path, monkeypatch):
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    own = tmp_path / "own"
    (own / "test").mkdir(parents=True)
    for dataset, module in (("folder", folder), ("msrs", msrs)):
        assert module.root(DataParams(dataset=dataset, root="own")) == own
    fetched = []
    monkeypatch.setattr(msrs, "fetch", lambda url, target: fetched.append(target))
    msrs.root(DataParams(dataset="msrs"))
    assert fetched[0].parent == tmp_path / "data/.fetched"
    assert create("precomputed", path="own")._folder_of("test") == own / "test"
    run = "fuse {ir} {vi} {out}"
    assert create("command", run=run).cwd == tmp_path
    assert create("command", run=run, cwd="own").cwd == own


def test_what_a_split_lacks_is_told_alike_in_a_copy(copy: Path, tmp_path, monkeypatch):
    """The reason goes into an output: it must not name where the project lies."""
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    (tmp_path / "own").mkdir()
    method = create("precomputed", path="own")
    reason = method.fuse_split(copy, copy, [], copy / "train", copy / "log.txt")
    assert reason == "own: no fused images of train"

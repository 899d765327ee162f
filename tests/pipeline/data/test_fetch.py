"""Fetching with git, from a local repository in MSRS's layout: whole or not at all."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.data import msrs
from pipeline.data.fetch import fetch
from pipeline.params import DataParams
from pipeline.stage.errors import UserError


@pytest.fixture
def repository(tiny_dataset: Path) -> str:
    """URL of a git repository that holds the tiny data set."""
    identity = ["-c", "user.name=T", "-c", "user.email=t@example.org"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "data"]):
        subprocess.run(["git", *command], cwd=tiny_dataset, check=True)
    return tiny_dataset.as_uri()


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }


def test_fetch_brings_the_files(repository: str, tiny_dataset: Path, tmp_path: Path):
    target = fetch(repository, tmp_path / "out/set")
    assert files(target) == files(tiny_dataset)
    assert not (target / ".git").exists()
    assert [path.name for path in target.parent.iterdir()] == ["set"]


def test_nothing_is_left_when_git_fails(tmp_path: Path):
    with pytest.raises(UserError, match=r"data\.url: git could not fetch"):
        fetch((tmp_path / "nowhere").as_uri(), tmp_path / "out/set")
    assert not list((tmp_path / "out").iterdir())


def test_missing_git_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="git: not found"):
        fetch("file:///nowhere", tmp_path / "out/set")


def _git_that_hangs(folder: Path) -> Path:
    """A `git` that clones for real and then never comes back."""
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True)
    script = folder / "bin/git"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\n{real.stdout.strip()} "$@"\ntouch cloned\nexec sleep 60\n')
    script.chmod(0o755)
    return script.parent


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never came"
        time.sleep(0.02)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_killed_fetch_starts_clean(
    repository: str, tiny_dataset: Path, tmp_path: Path, how: signal.Signals
):
    target = tmp_path / "out/set"
    # A shell ignores Ctrl-C for what it runs in the background, and so would this.
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
    code += "import sys; from pathlib import Path; from pipeline.data.fetch import fetch;"
    code += "fetch(sys.argv[1], Path(sys.argv[2]))"
    path = os.pathsep.join((str(_git_that_hangs(tmp_path)), os.environ["PATH"]))
    python_path = str(Path(__file__).resolve().parents[3])
    process = subprocess.Popen(
        [sys.executable, "-c", code, repository, str(target)],
        cwd=tmp_path,
        env=os.environ | {"PATH": path, "PYTHONPATH": python_path},
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    _wait_for(tmp_path / "cloned")
    os.killpg(process.pid, how)
    assert process.wait(60) != 0
    assert not target.exists()

    fetch(repository, target)
    assert files(target) == files(tiny_dataset)
    assert [path.name for path in target.parent.iterdir()] == ["set"]


def test_msrs_is_fetched_once(
    repository: str, tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    data = DataParams(dataset="msrs", url=repository)
    root = msrs.root(data)
    assert files(root) == files(tiny_dataset)
    assert not root.is_relative_to(data.directory)  # DVC deletes what is in there
    monkeypatch.setenv("PATH", "")  # no git from here on
    assert msrs.root(data) == root


def test_a_local_copy_is_used_as_it_is(tiny_dataset: Path):
    assert msrs.root(DataParams(dataset="msrs", root=tiny_dataset)) == tiny_dataset

"""Two shell stages in a worker's clone: a full or read-only remote, a command that is stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import yaml
from clone_case import ROOT, TINY, environment, free_port, hears_ctrl_c

from pipeline.cluster.clones import needed, travel
from pipeline.stage.errors import UserError

SIZE = 300_000
"""Bytes of the result, more than the small disk has room for."""
STAGES = {
    "code": {"cmd": "echo code > made_of", "outs": ["made_of"]},
    "big": {"cmd": f"echo ran >> ran; mkdir -p artifacts; head -c {SIZE} start > artifacts/big",
            "deps": ["start"], "outs": ["artifacts/big"]},
    "after": {"cmd": "until [ -f ../go ]; do sleep 0.1; done; wc -c < artifacts/big > after",
              "deps": ["artifacts/big"], "outs": ["after"]},
}  # fmt: skip


def start(folder: Path, *words: str) -> subprocess.Popen:
    uri = f"sqlite:///{folder.parent}/mlflow.db"
    env = environment() | {"PYTHONPATH": str(ROOT), "MLFLOW_TRACKING_URI": uri}
    return subprocess.Popen(
        words, cwd=folder, env=env | {"TMPDIR": str(folder.parent)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=hears_ctrl_c,
    )  # fmt: skip


def command(folder: Path, *words: str) -> tuple[int, str]:
    """Exit code, and what was printed."""
    process = start(folder, *words)
    printed, _ = process.communicate()
    return process.returncode, printed


def done(folder: Path, *words: str) -> None:
    code, printed = command(folder, *words)
    assert code == 0, printed


def with_room(disk: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{size}", str(disk)], check=True)


def wait_until(ready: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.05)


def waits_for_go() -> bool:
    """Whether a worker still runs the stage `after`."""
    processes = psutil.process_iter(["cmdline"])
    return any("-f ../go" in " ".join(each.info["cmdline"] or ()) for each in processes)


@pytest.fixture
def project(tmp_path: Path, small_disk: Path) -> Path:
    """A stage whose result the remote, on the small disk, has no room for."""
    folder = tmp_path / "project"
    folder.mkdir()
    for words in ("git init --quiet", "dvc init --quiet"):
        done(folder, *words.split())
    add = ("dvc", "remote", "add", "--quiet", "--default", "between", str(small_disk / "remote"))
    done(folder, *add)
    (folder / "params.yaml").write_text(yaml.safe_dump(TINY))
    (folder / "dvc.yaml").write_text(yaml.safe_dump({"stages": STAGES}))
    (folder / "start").write_bytes(os.urandom(SIZE))
    for words in ("git add .", "git -c user.name=a -c user.email=a@b commit --quiet -m a"):
        done(folder, *words.split())
    return folder


@pytest.fixture
def cluster(project: Path, tmp_path: Path) -> Iterator[str]:
    """Address of a scheduler with one worker, in a clone of the project."""
    clone, address = tmp_path / "clone", f"tcp://127.0.0.1:{free_port()}"
    done(project, "git", "clone", "--quiet", str(project), str(clone))
    dask = [sys.executable, "-m", "dask"]
    port = ["--host", "127.0.0.1", "--port", address.rpartition(":")[2], "--no-dashboard"]
    worker = ["worker", address, "--nworkers", "1", "--nthreads", "1", "--no-dashboard"]
    env = environment() | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    started = [
        subprocess.Popen(
            [*dask, *words], cwd=clone, env=env,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for words in (["scheduler", *port], worker)
    ]  # fmt: skip
    yield address
    for process in reversed(started):
        process.terminate()
        process.wait()


def run(project: Path, cluster: str) -> tuple[int, str]:
    """Run the command, again until the cluster is there."""
    words = (sys.executable, "-m", "pipeline.run", "--scheduler", cluster)
    code, printed = command(project, *words)
    while "does not answer" in printed or "has no workers" in printed:
        code, printed = command(project, *words)
    return code, printed


@pytest.mark.slow
def test_a_result_without_room_in_the_remote_is_not_made_again(
    project: Path, cluster: str, small_disk: Path
) -> None:
    code, printed = run(project, cluster)
    assert code == 1, printed
    rows = {line.split()[0]: line for line in printed.splitlines() if line.strip()}
    assert "failed" in rows["big"]
    assert "dvc push: failed to transfer" in rows["big"]
    assert "not run" in rows["after"]
    assert "Traceback" not in printed
    assert not (project / "artifacts/big").exists()
    with_room(small_disk, "size=4m")
    (project.parent / "go").touch()
    code, printed = run(project, cluster)
    assert code == 0, printed
    assert (project / "artifacts/big").read_bytes() == (project / "start").read_bytes()
    assert (project / "after").read_text().strip() == str(SIZE)
    assert (project.parent / "clone" / "ran").read_text() == "ran\n"


@pytest.mark.slow
def test_what_has_ended_when_the_command_is_stopped_is_here(
    project: Path, cluster: str, small_disk: Path
) -> None:
    with_room(small_disk, "size=4m")
    words = (sys.executable, "-m", "pipeline.run", "--scheduler", cluster)
    first = start(project, *words)
    log = project / "logs/run.log"
    while not log.exists() or "big: ran" not in log.read_text():
        if first.poll() is not None:  # the cluster was not there yet
            first = start(project, *words)
        time.sleep(0.1)
    wait_until(waits_for_go)
    first.send_signal(signal.SIGINT)
    printed, _ = first.communicate()
    assert first.returncode == 130, printed
    assert "stopped; the same command goes on from here" in printed
    wait_until(lambda: not waits_for_go())  # or the worker still ends `after` itself
    (project.parent / "go").touch()
    code, printed = run(project, cluster)
    assert code == 0, printed
    rows = {line.split()[0] for line in printed.splitlines() if line.strip()}
    assert "after" in rows
    assert "big" not in rows
    assert (project / "after").read_text().strip() == str(SIZE)
    assert (project.parent / "clone" / "ran").read_text() == "ran\n"


def test_a_read_only_remote_is_refused(
    project: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    needed.check_remote()
    with_room(small_disk, "ro")
    with pytest.raises(
        UserError, match=r"^DVC remote between /.*: cannot be written \(.*Read-only"
    ):
        needed.check_remote()


def test_a_checkpoint_without_room_leaves_the_one_before(
    project: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.chdir(project)
    here, there = Path("checkpoints/big/last.pt"), small_disk / "remote/checkpoints/big/big/last.pt"
    here.parent.mkdir(parents=True)
    here.write_bytes(b"first")
    printed = ""
    with travel.travelling("big", seconds=0.05):
        wait_until(there.is_file)
        here.write_bytes(os.urandom(SIZE))
        while "No space left" not in printed:
            printed += capsys.readouterr().out
        assert printed.startswith("warning: big: no checkpoint sent: ")
        assert there.read_bytes() == b"first"
        with_room(small_disk, "size=4m")
        wait_until(lambda: there.read_bytes() == here.read_bytes())

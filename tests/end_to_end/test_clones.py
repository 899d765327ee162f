"""Workers in clones of their own, with only a DVC remote between them; one is killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from clone_case import TINY, environment, make_clone, metrics, run

pytestmark = pytest.mark.long

ON_ITS_OWN = ("measure_cost", "report")
"""Stages whose results no two runs share: times, and links to MLflow's runs."""


def small() -> dict:
    """One learned input, two seeds, trainings of some seconds."""
    methods = {"lkc_funet": {"width": 8, "init_width": 8, "kernels": [5, 3], "groups": 4}}
    fusion = TINY["fusion"] | {"methods": methods}
    segmentation = TINY["segmentation"] | {"epochs": 40, "seeds": [0, 1]}
    runtime = TINY["runtime"] | {"travel_seconds": 0.5}
    return TINY | {"fusion": fusion, "segmentation": segmentation, "runtime": runtime}


def lock(clone: Path) -> dict:
    stages = yaml.safe_load((clone / "dvc.lock").read_text())["stages"]
    return {name: value for name, value in stages.items() if not name.startswith(ON_ITS_OWN)}


class Started:
    """Programs that end with the test, and what they printed."""

    def __init__(self, folder: Path) -> None:
        self.all: list[subprocess.Popen] = []
        # Where stages that measure wait for all others of the machine: here, for those of the test.
        self.environment = environment() | {"TMPDIR": str(folder)}

    def __call__(self, folder: Path, log: Path, *command: str) -> subprocess.Popen:
        with log.open("w") as out:
            process = subprocess.Popen(
                command, cwd=folder, env=self.environment, stdout=out, stderr=out,
                start_new_session=True,
            )  # fmt: skip
        self.all.append(process)
        return process


def kill(process: subprocess.Popen) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Started]:
    started = Started(tmp_path)
    yield started
    for process in started.all:
        kill(process)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def scheduler(start: Started, folder: Path) -> str:
    """Start a scheduler; its address."""
    port = str(free_port())
    command = ("-m", "dask", "scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
    start(folder, folder / "scheduler.log", sys.executable, *command)
    return f"tcp://127.0.0.1:{port}"


def worker(start: Started, clone: Path, address: str) -> subprocess.Popen:
    command = ("-m", "dask", "worker", address, "--nworkers", "1", "--nthreads", "1")
    log = clone.parent / "worker.log"
    return start(clone, log, sys.executable, *command, "--no-dashboard", "--death-timeout", "60")


def make_with_remote(folder: Path, remote: Path, params: dict | None = None) -> Path:
    clone = make_clone(folder, params or small())
    run(clone, "dvc", "remote", "add", "--quiet", "--default", "between", str(remote))
    return clone


def test_two_clones_one_killed_in_a_training(start: Started, tmp_path: Path) -> None:
    plain = make_clone(tmp_path / "plain", small())
    repro = start(plain, tmp_path / "repro.log", "dvc", "repro")
    remote = tmp_path / "remote"
    caller = make_with_remote(tmp_path / "caller", remote)
    clones = [make_with_remote(tmp_path / name, remote, TINY) for name in ("first", "second")]
    address = scheduler(start, tmp_path)
    workers = [worker(start, clone, address) for clone in clones]
    uri = f"MLFLOW_TRACKING_URI=sqlite:///{tmp_path}/mlflow.db"
    command = ("env", uri, sys.executable, "-m", "pipeline.run", "--scheduler", address)
    log = tmp_path / "run.log"
    driver = start(caller, log, *command)
    travelled = remote / "checkpoints" / "segmentation"
    while not list(travelled.rglob("last.pt")):
        assert driver.poll() is None, log.read_text()
        time.sleep(0.1)
    seed = next(travelled.rglob("last.pt")).relative_to(travelled).parts[2].removeprefix("seed-")
    stage = f"train_segmentation@deeplabv3-lkc_funet-{seed}"
    victim = next(n for n in (0, 1) if (clones[n] / f"logs/stages/{stage}.log").is_file())
    kill(workers[victim])
    assert driver.wait() == 0, log.read_text()
    other = clones[1 - victim]
    assert "going on after epoch" in (other / f"logs/stages/{stage}.log").read_text()

    assert repro.wait() == 0, (tmp_path / "repro.log").read_text()
    assert metrics(caller) == metrics(plain)
    assert lock(caller) == lock(plain)
    assert "Data and pipelines are up to date" in run(caller, "dvc", "status")
    assert not list(travelled.rglob("last.pt"))
    assert "nothing to do" in run(caller, *command) or "unchanged" in run(caller, *command)


def test_what_is_missing_is_said_before_anything_starts(start: Started, tmp_path: Path) -> None:
    clone = make_clone(tmp_path / "clone", small())
    uri = f"MLFLOW_TRACKING_URI=sqlite:///{tmp_path}/mlflow.db"
    nobody = f"tcp://127.0.0.1:{free_port()}"
    command = (sys.executable, "-m", "pipeline.run", "--scheduler")
    assert "error: MLFLOW_TRACKING_URI is not set" in run(clone, *command, nobody, check=False)
    assert "error: no DVC remote" in run(clone, "env", uri, *command, nobody, check=False)
    remote = tmp_path / "remote"
    run(clone, "dvc", "remote", "add", "--quiet", "--default", "between", str(remote))
    told = run(clone, "env", uri, *command, nobody, check=False)
    assert f"error: --scheduler {nobody}: does not answer" in told
    address = scheduler(start, tmp_path)
    logged = ("env", uri, *command, address)
    told = run(clone, *logged, check=False)
    while "does not answer" in told:
        told = run(clone, *logged, check=False)
    assert "has no workers" in told
    worker(start, clone, address)  # in the caller's own folder
    while "has no workers" in told:
        told = run(clone, *logged, check=False)
    assert "a clone for each worker" in told
    assert told.count("\n") == 1
    assert not (clone / "dvc.lock").exists()

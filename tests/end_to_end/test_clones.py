"""Workers in clones of their own, with only a DVC remote between them; one ends in a training."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from clone_case import TINY, environment, free_port, lock, make_clone, metrics, run, running_in
from slurm_case import Slurm, missing

pytestmark = pytest.mark.long


def small() -> dict:
    """One learned input, two seeds, trainings of some seconds."""
    methods = {"lkc_funet": {"width": 8, "init_width": 8, "kernels": [5, 3], "groups": 4}}
    fusion = TINY["fusion"] | {"methods": methods}
    segmentation = TINY["segmentation"] | {"epochs": 40, "seeds": [0, 1]}
    runtime = TINY["runtime"] | {"travel_seconds": 0.5}
    return TINY | {"fusion": fusion, "segmentation": segmentation, "runtime": runtime}


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


def freeze(clone: Path, program: str) -> None:
    """Stop a stage where it is, until Slurm ends it."""
    at_work = [one for one, line in running_in(clone).items() if program in line]
    assert at_work, f"no {program} works in {clone}"
    for process in at_work:
        os.kill(process, signal.SIGSTOP)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone after `dvc repro`."""
    clone = make_clone(tmp_path_factory.mktemp("plain"), small())
    run(clone, "dvc", "repro")
    return clone


def training_that_travelled(remote: Path, driver: subprocess.Popen, log: Path) -> str:
    """Wait until a training's checkpoint is in the remote; the training's stage."""
    travelled = remote / "checkpoints" / "segmentation"
    while not list(travelled.rglob("last.pt")):
        assert driver.poll() is None, log.read_text()
        time.sleep(0.1)
    seed = next(travelled.rglob("last.pt")).relative_to(travelled).parts[2].removeprefix("seed-")
    return f"train_segmentation@deeplabv3-lkc_funet-{seed}"


def check_results(caller: Path, plain: Path, stage: str, remote: Path) -> None:
    """They are those of `dvc repro`, and the stage went on where its first worker had left it."""
    assert "going on after epoch" in (caller / f"logs/stages/{stage}.log").read_text()
    assert metrics(caller) == metrics(plain)
    assert lock(caller) == lock(plain)
    assert "Data and pipelines are up to date" in run(caller, "dvc", "status")
    assert not list((remote / "checkpoints").rglob("last.pt"))


def test_two_clones_one_killed_in_a_training(
    start: Started, tmp_path: Path, plain: Path, server: str
) -> None:
    remote = tmp_path / "remote"
    caller = make_with_remote(tmp_path / "caller", remote)
    clones = [make_with_remote(tmp_path / name, remote, TINY) for name in ("first", "second")]
    address = scheduler(start, tmp_path)
    workers = [worker(start, clone, address) for clone in clones]
    uri = f"MLFLOW_TRACKING_URI={server}"
    command = ("env", uri, sys.executable, "-m", "pipeline.run", "--scheduler", address)
    log = tmp_path / "run.log"
    driver = start(caller, log, *command)
    stage = training_that_travelled(remote, driver, log)
    victim = next(n for n in (0, 1) if (clones[n] / f"logs/stages/{stage}.log").is_file())
    kill(workers[victim])
    assert driver.wait() == 0, log.read_text()
    check_results(caller, plain, stage, remote)
    assert "nothing to do" in run(caller, *command) or "unchanged" in run(caller, *command)


@pytest.fixture
def slurm(tmp_path: Path) -> Iterator[Slurm]:
    with Slurm(tmp_path / "slurm") as started:
        yield started


@pytest.mark.skipif(bool(missing()), reason=f"Slurm is not installed: no {', '.join(missing())}")
def test_jobs_of_slurm_one_at_its_time_limit_in_a_training(
    slurm: Slurm,
    start: Started,  # after Slurm, so that what it starts ends before
    tmp_path: Path,
    plain: Path,
    server: str,
) -> None:
    remote, jobs, file = tmp_path / "remote", tmp_path / "jobs", tmp_path / "slurm.yaml"
    caller = make_with_remote(tmp_path / "caller", remote)
    settings = {"jobs": 2, "folder": str(jobs), "cores": 1, "memory": "500MB", "interface": "lo"}
    file.write_text(yaml.safe_dump(settings))
    start.environment |= slurm.environment()
    uri = f"MLFLOW_TRACKING_URI={server}"
    log = tmp_path / "run.log"
    command = ("env", uri, sys.executable, "-m", "pipeline.run", "--slurm", str(file))
    driver = start(caller, log, *command)
    stage = training_that_travelled(remote, driver, log)
    found = next(jobs.glob(f"*/clone/logs/stages/{stage}.log")).parents[2]
    freeze(found, "segmentation.train")
    number = found.parent.name.split("-")[2]
    slurm.command("scontrol", "update", f"JobId={number}", "TimeLimit=1")  # minute
    assert driver.wait() == 0, log.read_text()
    assert f"Time limit exhausted for JobId={number}" in slurm.log()
    assert len(list((caller / "logs" / "slurm").glob("*.err"))) > 2, "no next job came"
    slurm.wait(lambda: not slurm.command("squeue", "-h").strip(), "jobs are left")
    assert not list(jobs.iterdir())
    check_results(caller, plain, stage, remote)


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

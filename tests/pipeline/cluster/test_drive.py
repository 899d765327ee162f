"""What the command does with Dask's futures, and what becomes of a stage whose worker ends."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dask
import pytest
import yaml
from clone_case import ROOT, environment
from distributed import Client, LocalCluster, Worker

from pipeline.cluster.clones.slurm import SETTINGS
from pipeline.cluster.drive import keep
from pipeline.cluster.graph import Task
from pipeline.cluster.machine import Machine
from pipeline.cluster.order import Order, callers_environment
from pipeline.cluster.work import run_stage

pytestmark = pytest.mark.slow


@contextmanager
def cluster(workers: int) -> Iterator[Client]:
    with (
        LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=":0",
        ) as started,
        Client(started) as client,
    ):  # fmt: skip
        yield client


def test_a_result_outlives_the_worker_that_made_it() -> None:
    """Without `keep` Dask would compute it again: here it would draw another number."""
    with cluster(2) as client:
        makers = list(client.scheduler_info(n_workers=-1)["workers"])
        future = client.submit(
            lambda: __import__("os").urandom(8), workers=makers[:1], allow_other_workers=True
        )
        made = future.result()
        assert list(client.who_has()[future.key]) == makers[:1]
        keep(client, future)
        assert sorted(client.who_has()[future.key]) == sorted(makers)
        client.retire_workers(makers[:1], close_workers=True)
        assert future.result() == made


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stage that tells each start, and ends once it may."""
    for command in (["git", "init", "--quiet"], ["dvc", "init", "--quiet"]):
        subprocess.run(command, cwd=tmp_path, env=environment(), check=True)
    waits = "echo started >> starts; until [ -f go ]; do sleep 0.1; done; echo done > end"
    (tmp_path / "dvc.yaml").write_text(yaml.safe_dump({"stages": {
        "waits": {"cmd": waits, "outs": ["end"]},
    }}))  # fmt: skip
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def await_start(project: Path, number: int) -> None:
    end, starts = time.monotonic() + 300, project / "starts"
    while not starts.exists() or starts.read_text().count("started") < number:
        assert time.monotonic() < end, f"start {number} never came"
        time.sleep(0.1)


def at_the_end_of_its_time(dask_worker: Worker) -> None:
    """What a worker does by itself after `--lifetime`."""
    dask_worker.loop.add_callback(dask_worker.close_gracefully)


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize(
    ("end", "times", "failures"),
    [
        (at_the_end_of_its_time, 1, {"distributed.scheduler.allowed-failures": 0}),
        (killed, 4, SETTINGS),  # Dask alone gives up at the fourth
    ],
)
def test_a_worker_that_ends_is_no_failure_of_its_stage(
    project: Path, end: Callable[..., None], times: int, failures: dict[str, object]
) -> None:
    with dask.config.set(failures), cluster(2) as client:
        client.register_plugin(Machine())
        order = Order(Task("waits", ()), callers_environment())
        future = client.submit(run_stage, order, pure=False)
        for number in range(1, times + 1):
            await_start(project, number)
            (busy,) = (one for one, keys in client.processing().items() if keys)
            client.run(end, workers=[busy], on_error="ignore")
        await_start(project, times + 1)
        (project / "go").touch()
        assert future.result().state == "ran"
    assert (project / "end").read_text() == "done\n"

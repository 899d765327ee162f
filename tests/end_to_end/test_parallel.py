"""`python -m pipeline.run --jobs 2` in a clone, against `dvc repro` in another."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from clone_case import environment, hears_ctrl_c, lock, make_clone, metrics, run, running_in, small

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone after `dvc repro`."""
    clone = make_clone(tmp_path_factory.mktemp("plain"), small(epochs=6))
    run(clone, "dvc", "repro")
    return clone


def interrupted(clone: Path, signum: int) -> str:
    """Start the run and end it in the training of a network: by Ctrl-C all, by a kill it alone."""
    log = clone / "interrupted.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "pipeline.run", "--jobs", "2"],
            cwd=clone, env=environment(), stdout=out, stderr=out, start_new_session=True,
            preexec_fn=hears_ctrl_c,
        )  # fmt: skip
        while not list((clone / "checkpoints").rglob("last.pt")):
            assert process.poll() is None, log.read_text()
            time.sleep(0.02)
        (os.killpg if signum == signal.SIGINT else os.kill)(process.pid, signum)
        process.wait()
    return log.read_text()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks into /proc")
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGKILL])
def test_interrupted_then_gone_on_it_gives_the_results_of_dvc_repro(
    plain: Path, tmp_path: Path, signum: int
) -> None:
    clone = make_clone(tmp_path, small(epochs=6))
    printed = interrupted(clone, signum)
    end = time.monotonic() + 30
    while running_in(clone) and time.monotonic() < end:
        time.sleep(0.1)
    assert not running_in(clone)
    if signum == signal.SIGINT:
        assert "stopped; the same command goes on from here" in printed
        assert "Traceback" not in printed
    again = run(clone, sys.executable, "-m", "pipeline.run", "--jobs", "2")
    logs = (clone / "logs" / "stages").glob("train_*.log")
    assert any("going on after epoch" in log.read_text() for log in logs)
    assert " ran" in again
    assert metrics(clone) == metrics(plain)
    assert lock(clone) == lock(plain)
    assert "Data and pipelines are up to date" in run(clone, "dvc", "status")
    assert "vis" in run(clone, "dvc", "exp", "show", "--csv")


def test_what_is_up_to_date_stays_and_a_failure_stops_only_what_needs_it(plain: Path) -> None:
    params = small(epochs=6)
    params["fusion"]["methods"] |= {
        "average": {},
        "broken": {"type": "command", "run": f"{sys.executable} -c 1/0 {{ir}} {{vi}} {{out}}"},
    }
    (plain / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    command = (sys.executable, "-m", "pipeline.run", "--jobs", "2")
    printed = run(plain, *command, check=False)
    rows = {line.split()[0]: line for line in printed.splitlines() if line.strip()}
    assert "failed" in rows["fuse@broken"]
    assert "not run" in rows["report"]
    assert (plain / "metrics/segmentation/deeplabv3/average.json").is_file()
    assert "train_segmentation@deeplabv3-vis-0" not in rows

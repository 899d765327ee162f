"""Kills of a whole `dvc repro`, whenever they come, cost no result: metrics are the same bits."""

import os
import random
import signal
import subprocess
import time
from itertools import count
from pathlib import Path

import pytest
from clone_case import TINY, environment, make_clone, metrics, run, stages_of

pytestmark = pytest.mark.long

KILLS = int(os.environ.get("IVIF_KILLS", "12"))
"""More are tried by hand: `IVIF_KILLS=50 pytest tests/end_to_end/test_kills.py`."""


def with_longer_trainings() -> dict:
    """Trainings of some seconds, with a checkpoint after every step."""
    training = TINY["fusion"]["training"] | {"epochs": 6}
    fusion = TINY["fusion"] | {"training": training}
    return TINY | {"fusion": fusion, "segmentation": TINY["segmentation"] | {"epochs": 6}}


def kill_after(clone: Path, seconds: float) -> tuple[bool, str]:
    """Start `dvc repro` and kill all of it; whether it had ended by itself, and what it printed."""
    log = clone / "killed.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            ["dvc", "repro"],
            cwd=clone, env=environment(), stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return False, log.read_text()
    assert process.returncode == 0, log.read_text()[-3000:]
    return True, log.read_text()


def test_kills_at_random_moments(tmp_path: Path) -> None:
    whole = make_clone(tmp_path / "whole", with_longer_trainings())
    run(whole, "dvc", "repro")
    draw, kills = random.Random(0), 0
    for number in count():
        clone, done = make_clone(tmp_path / f"killed-{number}", with_longer_trainings()), False
        while not done and kills < KILLS:
            done, _ = kill_after(clone, draw.uniform(4, 16))
            kills += not done
        run(clone, "dvc", "repro")
        assert metrics(clone) == metrics(whole)
        assert "Data and pipelines are up to date" in run(clone, "dvc", "status")
        state = (clone / "checkpoints").rglob("*")
        assert not [file for file in state if file.suffix in (".pt", ".png")]
        if kills == KILLS:
            break


def wait_for(condition: object, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("module", "arguments", "out"),
    [
        ("fusion.train", ["lkc_funet"], "artifacts/fusion/lkc_funet"),
        (
            "segmentation.train",
            ["vis", "0"],
            "artifacts/segmentation/deeplabv3/vis/seed-0",
        ),
    ],
)
def test_a_stage_killed_after_a_checkpoint_within_its_training(
    tmp_path: Path, module: str, arguments: list[str], out: str
) -> None:
    clone = make_clone(tmp_path, with_longer_trainings())
    run(clone, "dvc", "repro", "fuse@vis", "prepare", "code")
    command = ["python", "-m", module, *arguments]
    run(clone, *command)
    weights = (clone / out / "model.safetensors").read_bytes()
    history = (clone / out / "history.csv").read_bytes()
    process = subprocess.Popen(
        command, cwd=clone, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    wait_for(lambda: list((clone / "checkpoints").rglob("last.pt")) or process.poll() is not None)
    process.kill()
    process.wait()
    assert list((clone / "checkpoints").rglob("last.pt")), "it ended before it was killed"
    assert "going on after epoch" in run(clone, *command)
    assert (clone / out / "model.safetensors").read_bytes() == weights
    assert (clone / out / "history.csv").read_bytes() == history
    assert not list((clone / "checkpoints").rglob("last.pt"))


def kill_in(clone: Path, stage: str, seconds: float) -> None:
    """Start `dvc repro` of a stage, wait until it runs for `seconds`, kill everything at once."""
    log = clone / "killed.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            ["dvc", "repro", stage],
            cwd=clone, env=environment(), stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
        while process.poll() is None and f"'{stage}'" not in log.read_text():
            time.sleep(0.1)
        assert process.poll() is None, f"{stage} never ran: {log.read_text()[-2000:]}"
        time.sleep(seconds)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.parametrize("seconds", [4.0])
def test_kills_in_every_stage_end_in_the_same_metrics(
    finished: tuple, tmp_path: Path, seconds: float
) -> None:
    clone = make_clone(tmp_path)
    victims = ["prepare", *stages_of("lkc_funet"), "report"]
    for stage in victims:
        kill_in(clone, stage, 0.5 if stage == "prepare" else seconds)
    run(clone, "dvc", "repro")
    assert metrics(clone) == finished[2]

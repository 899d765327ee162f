"""Kills of a whole `dvc repro`, whenever they come, cost no result: metrics are the same bits."""

import json
import os
import random
import re
import signal
import subprocess
import time
from collections import Counter
from itertools import count
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from clone_case import environment, make_clone, metrics, run, small, stages_of

from pipeline.images.pixels import write_png

pytestmark = pytest.mark.long

KILLS = int(os.environ.get("IVIF_KILLS", "12"))
"""More by hand, with what they hit: `IVIF_KILLS=50 pytest -s tests/end_to_end/test_kills.py`."""


def draw_pairs(folder: Path) -> Path:
    """A further set of six pairs, of noise."""
    rng = np.random.default_rng(0)
    for number in range(6):
        for kind, shape in (("ir", (64, 80)), ("vi", (64, 80, 3))):
            write_png(folder / kind / f"{number}.png", rng.integers(0, 256, shape, dtype=np.uint8))
    return folder


def params_of(folder: Path) -> dict:
    """Stages of every kind, trainings of some seconds, with a checkpoint after every step."""
    params = small(epochs=6)
    pairs = {"extra": str(draw_pairs(folder / "extra"))}
    evaluation = params["fusion"]["evaluation"] | {"pairs": pairs}
    fusion = params["fusion"] | {"evaluation": evaluation}
    segmentation = params["segmentation"] | {"one_for_all": ["deeplabv3"]}
    return params | {"fusion": fusion, "segmentation": segmentation}


def mend_lock(clone: Path) -> None:
    """Delete DVC's own lock if a kill cut it off, as docs/what-reruns.md says: DVC will not."""
    lock = clone / ".dvc/tmp/rwlock"
    if lock.is_file():
        try:
            json.loads(lock.read_text())
        except ValueError:
            lock.unlink()


def kill_after(clone: Path, seconds: float) -> tuple[bool, str]:
    """Start `dvc repro` and kill all of it; whether it had ended by itself, and what it printed."""
    mend_lock(clone)
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


def state_of(clone: Path) -> list[Path]:
    """What killed stages left to go on from."""
    files = (clone / "checkpoints").rglob("*")
    return [file for file in files if file.suffix in (".pt", ".png")]


def where(clone: Path, log: str) -> str:
    """What a kill hit: the group of the stage, and whether it has a training to go on with."""
    started = re.findall(r"Running stage '([\w-]+)", log)
    within = " within a training" * any(file.suffix == ".pt" for file in state_of(clone))
    return (started[-1] if started else "before any stage") + within


class Whole(NamedTuple):
    """A run that nobody killed."""

    params: dict
    metrics: dict[str, object]
    pace: float
    """Seconds a stage, so that kills hit stages on any machine."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("whole")
    params = params_of(folder)
    clone, start = make_clone(folder, params), time.monotonic()
    stages = run(clone, "dvc", "repro").count("Running stage")
    return Whole(params, metrics(clone), (time.monotonic() - start) / stages)


def test_kills_at_random_moments(whole: Whole, tmp_path: Path) -> None:
    draw, hit = random.Random(0), Counter()
    for number in count():
        clone, done = make_clone(tmp_path / f"killed-{number}", whole.params), False
        while not done and hit.total() < KILLS:
            done, log = kill_after(clone, draw.uniform(1, 5) * whole.pace)
            hit.update([] if done else [where(clone, log)])
        mend_lock(clone)
        run(clone, "dvc", "repro")
        assert metrics(clone) == whole.metrics
        assert "Data and pipelines are up to date" in run(clone, "dvc", "status")
        assert not state_of(clone)
        if hit.total() == KILLS:
            break
    print(f"{hit.total()} kills in {number + 1} clones, {whole.pace:.1f} s a stage: {dict(hit)}")


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
            ["deeplabv3", "vis", "0"],
            "artifacts/segmentation/deeplabv3/vis/seed-0",
        ),
    ],
)
def test_a_stage_killed_after_a_checkpoint_within_its_training(
    tmp_path: Path, module: str, arguments: list[str], out: str
) -> None:
    clone = make_clone(tmp_path, params_of(tmp_path))
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
    mend_lock(clone)
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


def test_kills_in_every_stage_end_in_the_same_metrics(whole: Whole, tmp_path: Path) -> None:
    clone = make_clone(tmp_path, whole.params)
    pairs = [f"{group}@lkc_funet-extra" for group in ("fuse_pairs", "evaluate_pairs")]
    for_all = ["train_for_all@deeplabv3-0", "evaluate_for_all@deeplabv3-lkc_funet"]
    of_method = stages_of("lkc_funet", seeds=(0,))
    for stage in ["prepare", *of_method, *pairs, *for_all, "report"]:
        kill_in(clone, stage, 0.5 if stage == "prepare" else whole.pace / 2)
    run(clone, "dvc", "repro")
    assert metrics(clone) == whole.metrics

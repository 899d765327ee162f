"""In a worker: one stage, run by DVC, its progress told to whoever asked for it."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from distributed import Reschedule, Worker, get_worker

from pipeline.cluster.clones.exchange import Parcel, joined, make_alike, pack, pull, push, unpack
from pipeline.cluster.clones.travel import travelling
from pipeline.cluster.graph import Task
from pipeline.cluster.machine import Machine, machine_of
from pipeline.cluster.outcome import Outcome, State
from pipeline.cluster.output import bar_of, first_error, lines
from pipeline.stage.errors import UserError
from pipeline.tracking.execution import EXECUTION

TOPIC = "stages"
"""Of Dask's events: dicts with stage, where and, of a bar, title, done, total and left."""
EVERY = 0.5
"""Seconds between two of them."""
SET_BY_DASK = (
    "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MALLOC_TRIM_THRESHOLD_",
)  # fmt: skip
"""Dask changes these in its workers; in a stage they would change times, or last bits."""


@dataclass(frozen=True)
class Order:
    """What a worker is asked for.

    Attributes:
        task: the stage.
        environment: variables of whoever asked; None unsets one.
        given: of what is up to date, for a worker in a clone of its own; None in the caller's.
        checkpoint_seconds: time between a training's checkpoints to the remote.
    """

    task: Task
    environment: Mapping[str, str | None]
    given: Parcel | None = None
    checkpoint_seconds: float = 300.0


def callers_environment() -> dict[str, str | None]:
    """What stages need of the environment of whoever asks for them."""
    return {name: os.environ.get(name) for name in (*SET_BY_DASK, EXECUTION, "MLFLOW_TRACKING_URI")}


def _environment(order: Order, gpus: str | None) -> dict[str, str]:
    """The stage's: this interpreter's programs first, threads as the caller has them, its GPUs."""
    env = {key: value for key, value in os.environ.items() if key not in order.environment}
    env |= {key: value for key, value in order.environment.items() if value is not None}
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env.get('PATH', os.defpath)}"
    env["PYTHONUNBUFFERED"] = "1"
    return env if gpus is None else env | {"CUDA_VISIBLE_DEVICES": gpus}


def _command(task: Task) -> list[str]:
    """DVC's for one stage, below a guard that ends it with this worker.

    Of several at once without `--wait-for-lock` some fail on DVC's lock.
    """
    lock = Path(".dvc/tmp") / f"stage-{task.stage}.lock"
    guard = [sys.executable, "-m", "pipeline.cluster.guard", str(int(task.alone)), str(lock)]
    return [*guard, sys.executable, "-m", "dvc", "--wait-for-lock", "repro", "-s", task.stage]


def _log(stage: str) -> Path:
    """What the stage prints."""
    return Path("logs") / "stages" / f"{stage}.log"


class _Listener:
    """Takes what a stage prints: into its log, and its bar to whoever asked, now and then."""

    def __init__(self, worker: Worker, stage: str, where: str) -> None:
        self.worker, self.about = worker, {"stage": stage, "where": where}
        self.printed: list[str] = []
        self.told_at = 0.0
        self.log = _log(stage)
        self.tell({})

    def tell(self, what: dict[str, Any]) -> None:
        """Send an event."""
        self.worker.log_event(TOPIC, self.about | what)
        self.told_at = time.monotonic()

    def take_all(self, process: subprocess.Popen[bytes]) -> None:
        """Listen until the stage ends."""
        assert process.stdout is not None
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("w", encoding="utf-8") as log:
            for line in lines(process.stdout):
                bar = bar_of(line)
                if bar is None:
                    self.printed.append(line)
                    print(line, file=log, flush=True)
                elif time.monotonic() - self.told_at >= EVERY:
                    self.tell(bar._asdict())


def _state(code: int, printed: list[str], stopped: bool) -> State:
    if code:
        return "stopped" if stopped else "failed"
    if any(line.startswith("Running stage") for line in printed):
        return "ran"
    cached = any("is cached - skipping run" in line for line in printed)
    return "restored" if cached else "unchanged"


def _run_in_clone(
    order: Order, given: Parcel, needs: tuple[Outcome, ...], worker: Worker, machine: Machine
) -> Outcome:
    """Bring what the stage needs, let DVC run it, bring its results to the remote."""
    task, start = order.task, time.monotonic()
    try:
        with machine.preparing:
            if not machine.prepared:
                make_alike(given)
                machine.prepared = True
        parcels = [one.parcel for one in needs if one.parcel is not None]
        unpack(joined([given, *parcels]))
        pull(task.inputs)
        with travelling(task.stage, order.checkpoint_seconds) as checkpoints:
            outcome = _run(order, worker, machine)
            log = Parcel(files={_log(task.stage).as_posix(): _log(task.stage).read_bytes()})
            if not outcome.good:
                checkpoints.send()
                return replace(outcome, parcel=log)
        push([task.stage])
        checkpoints.forget()
        seconds = time.monotonic() - start
        return replace(outcome, parcel=joined([pack([task.stage]), log]), seconds=seconds)
    except (UserError, OSError) as error:
        where, what = f"{platform.node()}:{Path.cwd()}", str(error).splitlines()[0]
        return Outcome(task.stage, "failed", where, time.monotonic() - start, what)


def _run(order: Order, worker: Worker, machine: Machine) -> Outcome:
    """Let DVC run the stage."""
    start, stage = time.monotonic(), order.task.stage
    with machine.lend_gpus() as gpus:
        where = platform.node() + (f", GPU {gpus}" if gpus else "")
        listener = _Listener(worker, stage, where)
        with subprocess.Popen(
            _command(order.task), env=_environment(order, gpus), start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ) as process:  # fmt: skip
            machine.running.add(process)
            try:
                if machine.stopped:
                    machine.stop()
                listener.take_all(process)
                code = process.wait()
            finally:
                machine.running.discard(process)
    state = _state(code, listener.printed, machine.stopped)
    error = first_error(listener.printed) if state == "failed" else ""
    return Outcome(stage, state, where, time.monotonic() - start, error)


def run_stage(order: Order, *needs: Outcome) -> Outcome:
    """Run a stage, if all that it needs is there.

    Args:
        order: what is asked for.
        *needs: how the stages before it ended.

    Returns:
        How it ended; a stage that fails raises nothing, so that only what needs it is not run.

    Raises:
        Reschedule: the worker closes; Dask gives the stage to another one.
    """
    worker, stage = get_worker(), order.task.stage
    machine = machine_of(worker)
    bad = [one for one in needs if not one.good]
    if bad:
        root = bad[0].error if bad[0].state == "not run" else f"needs {bad[0].stage}"
        return Outcome(stage, "not run", error=root)
    if machine.stopped:
        return Outcome(stage, "stopped")
    if order.given is not None:
        outcome = _run_in_clone(order, order.given, needs, worker, machine)
    else:
        outcome = _run(order, worker, machine)
    if outcome.state == "stopped" and machine.closing:
        raise Reschedule  # its time is over, not the stage's: another worker goes on
    return outcome


def stop(dask_worker: Worker) -> None:
    """End all stages of a worker; for `Client.run`."""
    machine_of(dask_worker).stop()

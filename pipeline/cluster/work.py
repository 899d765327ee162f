"""In a worker: one stage, run by DVC."""

from __future__ import annotations

import platform
import subprocess
import time
from dataclasses import replace
from pathlib import Path

from distributed import Reschedule, Worker, get_worker

from pipeline.cluster.clones.exchange import Parcel, joined, make_alike, pack, pull, push, unpack
from pipeline.cluster.clones.travel import travelling
from pipeline.cluster.listen import Listener, log_of
from pipeline.cluster.machine import Machine, machine_of
from pipeline.cluster.order import Order, command_of, environment_of
from pipeline.cluster.outcome import Outcome, State
from pipeline.cluster.output import first_error
from pipeline.stage.errors import UserError


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
            log = Parcel(files={log_of(task.stage).as_posix(): log_of(task.stage).read_bytes()})
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
        listener = Listener(worker, stage, where)
        with subprocess.Popen(
            command_of(order.task), env=environment_of(order, gpus), start_new_session=True,
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

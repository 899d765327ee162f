"""What a worker is asked for, and the command and environment that it makes of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.cluster.clones.exchange import Parcel
from pipeline.cluster.graph import Task
from pipeline.tracking.execution import EXECUTION

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


def environment_of(order: Order, gpus: str | None) -> dict[str, str]:
    """The stage's: this interpreter's programs first, threads as the caller has them, its GPUs."""
    env = {key: value for key, value in os.environ.items() if key not in order.environment}
    env |= {key: value for key, value in order.environment.items() if value is not None}
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env.get('PATH', os.defpath)}"
    env["PYTHONUNBUFFERED"] = "1"
    return env if gpus is None else env | {"CUDA_VISIBLE_DEVICES": gpus}


def command_of(task: Task) -> list[str]:
    """DVC's for one stage, below a guard that ends it with this worker.

    Of several at once without `--wait-for-lock` some fail on DVC's lock.
    """
    lock = Path(".dvc/tmp") / f"stage-{task.stage}.lock"
    guard = [sys.executable, "-m", "pipeline.cluster.guard", str(int(task.alone)), str(lock)]
    return [*guard, sys.executable, "-m", "dvc", "--wait-for-lock", "repro", "-s", task.stage]

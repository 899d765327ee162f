"""One training and all of it that a kill must not lose: weights, optimiser, schedule, history."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from safetensors.torch import save as to_safetensors
from torch import Tensor, nn

from pipeline.images.whole import write_bytes, write_text
from pipeline.results import paths
from pipeline.stage.errors import UserError
from pipeline.training import checkpoint

if TYPE_CHECKING:
    from lightning_fabric import Fabric


@dataclass(frozen=True)
class Job:
    """One training.

    Attributes:
        title: what the progress bar says.
        directory: gets `model.safetensors` and `history.csv`.
        checkpoint: file for resumable state, outside of `directory`. The caller removes it when
            its stage is done, so that a stage of several trainings repeats none after a kill.
        fingerprint: of params, data and code; a checkpoint with another one is ignored.
        epochs: passes over the batches.
        seed: of order, augmentation and dropout.
        keep: which weights `model.safetensors` gets, those of the last epoch or of the one with
            the lowest loss (on validation images if there are any, else on train).
        clip_norm: largest norm of the gradient; None never clips.
        save_seconds: a checkpoint is written at the first end of an epoch after this time.
        prefix: before the names of metrics in MLflow, e.g. `seed-0/`.
    """

    title: str
    directory: Path
    checkpoint: Path
    fingerprint: str
    epochs: int
    seed: int
    keep: Literal["last", "best"] = "last"
    clip_norm: float | None = None
    save_seconds: float = 30.0
    prefix: str = ""


@dataclass
class State:
    """What a checkpoint holds besides weights and optimiser."""

    epoch: int
    history: list[dict[str, float]]
    best: dict[str, Tensor]


def _weights(model: nn.Module) -> dict[str, Tensor]:
    """A copy of the weights on the CPU, without the wrapper of a distributed strategy."""
    return {k: v.detach().cpu().clone().contiguous() for k, v in model.state_dict().items()}


def resume(job: Job, model: nn.Module, parts: dict[str, Any]) -> State:
    """Load the job's checkpoint into model, optimiser and schedule, if it left one."""
    saved = checkpoint.load(job.checkpoint, job.fingerprint)
    if saved is None:
        return State(0, [], {})
    model.load_state_dict(saved["model"])
    for name, part in parts.items():
        part.load_state_dict(saved[name])
    print(f"{job.title}: going on after epoch {saved['epoch']} of {job.epochs}")
    return State(saved["epoch"], saved["history"], saved["best"])


def save(job: Job, model: nn.Module, parts: dict[str, Any], state: State) -> None:
    """Write the job's checkpoint."""
    content = {name: part.state_dict() for name, part in parts.items()}
    content |= {"model": model.state_dict(), **vars(state)}
    checkpoint.save(job.checkpoint, content, job.fingerprint)


def record(job: Job, row: dict[str, float], state: State, model: nn.Module) -> None:
    """Add the epoch to the history, and keep its weights if they are the best so far.

    Raises:
        UserError: the loss is not finite any more.
    """
    if not all(value == value and abs(value) != float("inf") for value in row.values()):
        raise UserError(
            f"{job.title}: the loss is not finite in epoch {state.epoch + 1} ({row['loss']}); "
            "lower the learning rate or set clip_norm"
        )
    judge = "validation_loss" if "validation_loss" in row else "loss"
    if job.keep == "best" and all(row[judge] < earlier[judge] for earlier in state.history):
        state.best = _weights(model)
    state.history.append(row)
    state.epoch += 1


def finish(fabric: Fabric, job: Job, model: nn.Module, state: State) -> None:
    """Write the final files."""
    if job.keep == "best":
        model.load_state_dict(state.best)
    if fabric.is_global_zero:
        write_bytes(job.directory / paths.WEIGHTS, to_safetensors(_weights(model)))
        columns = list(state.history[0])
        lines = [",".join(columns)]
        lines += [",".join(repr(row[column]) for column in columns) for row in state.history]
        write_text(job.directory / paths.HISTORY, "\n".join(lines) + "\n")
    fabric.barrier()

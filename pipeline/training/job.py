"""One training and all of it that a kill must not lose: weights, optimiser, schedule, history."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
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
        fingerprint: of everything the result depends on; a checkpoint under another one is not
            this training's.
        epochs: passes over the batches.
        seed: of order, augmentation and dropout.
        clip_norm: largest norm of the gradient; None never clips.
        save_seconds: a checkpoint is written after the first step beyond this time.
    """

    title: str
    directory: Path
    fingerprint: str
    epochs: int
    seed: int
    clip_norm: float | None = None
    save_seconds: float = 60.0


@dataclass
class State:
    """How far a training is; what a checkpoint holds besides weights, optimiser and schedule.

    Attributes:
        epoch: whole epochs done.
        step: steps done of the next one.
        learning_rate: at its start.
        history: one row an epoch.
        totals: sums of this process's loss terms over these steps.
        generators: where its random generators stand, within an epoch; else empty.
    """

    epoch: int = 0
    step: int = 0
    learning_rate: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)
    totals: dict[str, Tensor] = field(default_factory=dict)
    generators: dict[str, Any] = field(default_factory=dict)

    def own(self) -> dict[str, Any]:
        """What differs from process to process."""
        totals = {name: total.cpu() for name, total in self.totals.items()}
        return {"totals": totals, "generators": self.generators}


def _weights(model: nn.Module) -> dict[str, Tensor]:
    """A copy of the weights on the CPU, without the wrapper of a distributed strategy."""
    return {k: v.detach().cpu().clone().contiguous() for k, v in model.state_dict().items()}


def _taken_over(all_own: list[dict[str, Any]], rank: int, world_size: int) -> dict[str, Any]:
    """A process's own state; of a training by another number of processes, their mean."""
    if len(all_own) == world_size:
        return all_own[rank]
    names = all_own[0]["totals"]
    totals = {name: torch.stack([own["totals"][name] for own in all_own]).mean(0) for name in names}
    return {"totals": totals, "generators": {}}


def resume(
    job: Job, model: nn.Module, parts: dict[str, Any], rank: int = 0, world_size: int = 1
) -> State:
    """Load the job's checkpoint into model, optimiser and schedule, if it left one."""
    file = checkpoint.place(job.directory, job.fingerprint)
    saved = checkpoint.load(file, job.fingerprint)
    if saved is None:
        return State()
    model.load_state_dict(saved["model"])
    for name, part in parts.items():
        part.load_state_dict(saved[name])
    state = State(**saved["state"], **_taken_over(saved["own"], rank, world_size))
    within = f", step {state.step}" if state.step else ""
    print(f"{job.title}: going on after epoch {state.epoch} of {job.epochs}{within}")
    return state


def save(
    job: Job, model: nn.Module, parts: dict[str, Any], state: State, all_own: list[dict[str, Any]]
) -> None:
    """Write the job's checkpoint; `all_own` has `State.own` of every process, by rank."""
    content = {name: part.state_dict() for name, part in parts.items()}
    shared = {key: value for key, value in vars(state).items() if key not in all_own[0]}
    content |= {"model": model.state_dict(), "state": shared, "own": all_own}
    file = checkpoint.place(job.directory, job.fingerprint)
    checkpoint.save(file, content, job.fingerprint)


def check_finite(job: Job, row: dict[str, float], epoch: int) -> None:
    """Raise UserError if a number of an epoch's row is not finite."""
    if not all(value == value and abs(value) != float("inf") for value in row.values()):
        raise UserError(
            f"{job.title}: the loss is not finite in epoch {epoch} ({row['loss']}); "
            "lower the learning rate or set clip_norm"
        )


def finish(fabric: Fabric, job: Job, model: nn.Module, state: State) -> None:
    """Write the final files."""
    if fabric.is_global_zero:
        write_bytes(job.directory / paths.WEIGHTS, to_safetensors(_weights(model)))
        columns = list(state.history[0])
        lines = [",".join(columns)]
        lines += [",".join(repr(row[column]) for column in columns) for row in state.history]
        write_text(job.directory / paths.HISTORY, "\n".join(lines) + "\n")
    fabric.barrier()

"""The mechanics of training, for both networks: a flat loop over epochs that can be killed.

Every epoch starts by seeding all generators from (seed, epoch, rank), and its batches depend on
(seed, epoch) alone. A run resumed from the end of any epoch is therefore the uninterrupted run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

import torch
from lightning_fabric import Fabric
from safetensors.torch import save as to_safetensors
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from tqdm import tqdm

from pipeline import checkpoint
from pipeline.errors import UserError
from pipeline.files import write_bytes, write_text
from pipeline.seeding import deterministic, seed_everything

if TYPE_CHECKING:
    from pipeline.tracking import Run

Batch = TypeVar("Batch")
Batch_co = TypeVar("Batch_co", covariant=True)


class Batches(Protocol[Batch_co]):
    """An epoch's batches: iterable, with a known number of steps."""

    def __iter__(self) -> Iterator[Batch_co]: ...
    def __len__(self) -> int: ...


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


def make_fabric(precision: str = "32-true") -> Fabric:
    """Lightning Fabric on the device at hand, with the launcher's number of processes if any."""
    fabric = Fabric(accelerator="auto", devices="auto", precision=precision)  # type: ignore[arg-type]
    fabric.launch()
    deterministic()
    return fabric


@dataclass
class _State:
    """What a checkpoint holds besides weights and optimiser."""

    epoch: int
    history: list[dict[str, float]]
    best: dict[str, Tensor]


def _weights(model: nn.Module) -> dict[str, Tensor]:
    """A copy of the weights on the CPU, without the wrapper of a distributed strategy."""
    return {k: v.detach().cpu().clone().contiguous() for k, v in model.state_dict().items()}


def _resume(job: Job, model: nn.Module, parts: dict[str, Any]) -> _State:
    """Load the job's checkpoint into model, optimiser and schedule, if it left one."""
    saved = checkpoint.load(job.checkpoint, job.fingerprint)
    if saved is None:
        return _State(0, [], {})
    model.load_state_dict(saved["model"])
    for name, part in parts.items():
        part.load_state_dict(saved[name])
    print(f"{job.title}: going on after epoch {saved['epoch']} of {job.epochs}")
    return _State(saved["epoch"], saved["history"], saved["best"])


def _save(job: Job, model: nn.Module, parts: dict[str, Any], state: _State) -> None:
    content = {name: part.state_dict() for name, part in parts.items()}
    content |= {"model": model.state_dict(), **vars(state)}
    checkpoint.save(job.checkpoint, content, job.fingerprint)


def _epoch(
    fabric: Fabric,
    job: Job,
    model: nn.Module,
    parts: dict[str, Any],
    batches: Batches[Batch],
    step: Callable[[nn.Module, Batch], dict[str, Tensor]],
    bar: tqdm[Any],
) -> dict[str, float]:
    """One pass; the mean of each loss term over its steps."""
    model.train()
    optimizer: Optimizer = parts["optimizer"]
    totals: dict[str, Tensor] = {}
    for batch in batches:
        optimizer.zero_grad(set_to_none=True)
        terms = step(model, batch)
        loss = torch.stack(list(terms.values())).sum()
        fabric.backward(loss)
        if job.clip_norm is not None:
            fabric.clip_gradients(model, optimizer, max_norm=job.clip_norm)
        optimizer.step()
        if "scheduler" in parts:
            parts["scheduler"].step()
        for name, value in {"loss": loss, **terms}.items():
            totals[name] = totals.get(name, torch.zeros_like(value)) + value.detach()
        bar.update()
        bar.set_postfix(loss=f"{loss.item():.4f}", refresh=False)
    means = {name: fabric.all_reduce(total / len(batches)) for name, total in totals.items()}
    return {name: float(mean) for name, mean in means.items()}  # type: ignore[arg-type]


def fit(
    fabric: Fabric,
    job: Job,
    model: nn.Module,
    optimizer: Optimizer,
    scheduler: LRScheduler | None,
    batches: Callable[[int], Batches[Batch]],
    step: Callable[[nn.Module, Batch], dict[str, Tensor]],
    run: Run,
    validate: Callable[[nn.Module], float] | None = None,
) -> list[dict[str, float]]:
    """Train `model`, resuming what a killed run of the same job left.

    Args:
        fabric: from `make_fabric`.
        job: what is trained, where it goes.
        model: freshly initialised; holds the kept weights afterwards.
        optimizer: over the model's parameters.
        scheduler: stepped after every step of the optimiser, or None.
        batches: `batches(epoch)` gives the epoch's batches, on the CPU or not.
        step: `step(model, batch)` gives named loss terms; their sum is minimised.
        run: the stage's MLflow run; gets the means of each epoch.
        validate: `validate(model)` gives a loss on held-out images after every epoch.

    Returns:
        The history: one row an epoch with epoch, learning_rate, loss and its terms.

    Raises:
        UserError: the loss is not finite any more.
    """
    bare = model
    model, optimizer = fabric.setup(model, optimizer)
    if hasattr(bare, "losses"):
        model.mark_forward_method("losses")  # type: ignore[operator]
    parts: dict[str, Any] = {"optimizer": optimizer}
    if scheduler is not None:
        parts["scheduler"] = scheduler
    state = _resume(job, bare, parts)
    steps = len(batches(0))
    bar = tqdm(
        total=job.epochs * steps, initial=state.epoch * steps, desc=job.title, unit="step",
        dynamic_ncols=True, mininterval=0.5, disable=not fabric.is_global_zero,
    )  # fmt: skip
    saved_at = time.monotonic()
    while state.epoch < job.epochs:
        seed_everything(job.seed, state.epoch, fabric.global_rank)
        row = {"epoch": float(state.epoch + 1), "learning_rate": optimizer.param_groups[0]["lr"]}
        row |= _epoch(fabric, job, model, parts, batches(state.epoch), step, bar)
        if validate is not None:
            row["validation_loss"] = validate(model)
        _record(job, row, state, bare)
        if fabric.is_global_zero:
            run.metrics({job.prefix + k: v for k, v in row.items() if k != "epoch"}, state.epoch)
            due = time.monotonic() - saved_at >= job.save_seconds
            if due or state.epoch == job.epochs:
                _save(job, bare, parts, state)
                saved_at = time.monotonic()
    bar.close()
    _finish(fabric, job, bare, state)
    return state.history


def _record(job: Job, row: dict[str, float], state: _State, model: nn.Module) -> None:
    """Add the epoch to the history, and keep its weights if they are the best so far."""
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


def _finish(fabric: Fabric, job: Job, model: nn.Module, state: _State) -> None:
    """Write the final files."""
    if job.keep == "best":
        model.load_state_dict(state.best)
    if fabric.is_global_zero:
        write_bytes(job.directory / "model.safetensors", to_safetensors(_weights(model)))
        columns = list(state.history[0])
        lines = [",".join(columns)]
        lines += [",".join(repr(row[column]) for column in columns) for row in state.history]
        write_text(job.directory / "history.csv", "\n".join(lines) + "\n")
    fabric.barrier()

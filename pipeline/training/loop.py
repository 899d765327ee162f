"""The mechanics of training, for both networks: a flat loop over epochs that can be killed.

Every epoch starts by seeding all generators from (seed, epoch, rank), and its batches depend on
(seed, epoch) alone. A run resumed from the end of any epoch is therefore the uninterrupted run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from tqdm import tqdm

from pipeline.training.job import Job, finish, record, resume, save
from pipeline.training.seeds import seed_everything

if TYPE_CHECKING:
    from lightning_fabric import Fabric

    from pipeline.tracking import Run

Batch = TypeVar("Batch")
Batch_co = TypeVar("Batch_co", covariant=True)


class Batches(Protocol[Batch_co]):
    """An epoch's batches: iterable, with a known number of steps."""

    def __iter__(self) -> Iterator[Batch_co]: ...
    def __len__(self) -> int: ...


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
        fabric: from `pipeline.training.devices.make_fabric`.
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
    state = resume(job, bare, parts)
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
        record(job, row, state, bare)
        if fabric.is_global_zero:
            run.metrics({job.prefix + k: v for k, v in row.items() if k != "epoch"}, state.epoch)
            due = time.monotonic() - saved_at >= job.save_seconds
            if due or state.epoch == job.epochs:
                save(job, bare, parts, state)
                saved_at = time.monotonic()
    bar.close()
    finish(fabric, job, bare, state)
    return state.history

"""The mechanics of training, for both networks: a flat loop that can be killed at any step.

Every epoch starts by seeding all generators from (seed, epoch, rank), and its batches depend on
(seed, epoch) alone; within an epoch a checkpoint holds the generators too. A run resumed from any
checkpoint is therefore the uninterrupted run. Several processes may train together, each with its
share of every batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from tqdm import tqdm

from pipeline.training.ahead import ahead
from pipeline.training.job import Job, State, check_finite, finish
from pipeline.training.saving import Saving
from pipeline.training.seeds import restore_generators, seed_everything

if TYPE_CHECKING:
    from lightning_fabric import Fabric

    from pipeline.tracking import Run

Batch = TypeVar("Batch")
Batch_co = TypeVar("Batch_co", covariant=True)


class Batches(Protocol[Batch_co]):
    """An epoch's batches: iterable, with a known number of steps."""

    def __iter__(self) -> Iterator[Batch_co]: ...
    def __len__(self) -> int: ...


LOOK = 20
"""Steps between two looks at the loss on a GPU: each look waits for the device."""


class _Training(Generic[Batch]):
    """One run of the loop: what stays the same from step to step, and how far it is."""

    def __init__(
        self,
        fabric: Fabric,
        job: Job,
        model: nn.Module,
        optimizer: Optimizer,
        scheduler: LRScheduler | None,
        step: Callable[[nn.Module, Batch], dict[str, Tensor]],
    ) -> None:
        self.on_gpu = fabric.device.type == "cuda"
        if self.on_gpu and fabric.world_size > 1:  # PyTorch's refuses CPUs
            model = nn.SyncBatchNorm.convert_sync_batchnorm(model)
        self.fabric, self.job, self.step = fabric, job, step
        self.look_every = LOOK if self.on_gpu else 1
        self.model, self.optimizer = fabric.setup(model, optimizer)
        if hasattr(model, "losses"):
            self.model.mark_forward_method("losses")
        self.parts: dict[str, Any] = {"optimizer": self.optimizer}
        if scheduler is not None:
            self.parts["scheduler"] = scheduler
        self.saving = Saving(fabric, job, model, self.parts)
        self.state = self.saving.state

    def one_step(self, batch: Batch) -> Tensor:
        """Forward, backward, update; returns the loss, which stays on the device."""
        self.optimizer.zero_grad(set_to_none=True)
        terms = self.step(self.model, batch)
        loss = torch.stack(list(terms.values())).sum()
        self.fabric.backward(loss)
        if self.job.clip_norm is not None:
            # A look at the norm would wait for the device; the epoch's loss tells of it.
            self.fabric.clip_gradients(
                self.model, self.optimizer, max_norm=self.job.clip_norm, error_if_nonfinite=False
            )
        self.optimizer.step()
        if "scheduler" in self.parts:
            self.parts["scheduler"].step()
        totals = self.state.totals
        for name, value in {"loss": loss, **terms}.items():
            before = totals.get(name, torch.zeros_like(value)).to(value.device)
            totals[name] = before + value.detach()
        return loss.detach()

    def look(self, loss: Tensor, bar: tqdm[Any], more: bool) -> None:
        """Now and then: show the loss; write a checkpoint if one is due and the epoch goes on."""
        if self.state.step % self.look_every == 0:
            bar.set_postfix(loss=f"{loss.item():.4f}", refresh=False)
            if more:
                self.saving.if_due()

    def one_epoch(self, batches: Batches[Batch], bar: tqdm[Any]) -> dict[str, float]:
        """The rest of an epoch; the mean of each loss term over all its steps."""
        state = self.state
        self.model.train()
        seed_everything(self.job.seed, state.epoch, self.fabric.global_rank)
        left: Iterator[Batch] = islice(batches, state.step, None)
        if self.on_gpu:
            left = ahead(left)
        batch = next(left, None)  # the loader draws from the generators before its first batch
        if state.generators:
            restore_generators(state.generators)
        while batch is not None:
            loss = self.one_step(batch)
            state.step += 1
            bar.update()
            batch = next(left, None)
            self.look(loss, bar, more=batch is not None)
        means = {
            name: self.fabric.all_reduce(total / len(batches))
            for name, total in state.totals.items()
        }
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
) -> list[dict[str, float]]:
    """Train `model`, resuming what a killed run of the same job left.

    Args:
        fabric: from `pipeline.training.devices.make_fabric`.
        job: what is trained, where it goes.
        model: freshly initialised; trained afterwards.
        optimizer: over the model's parameters.
        scheduler: stepped after every step of the optimiser, or None.
        batches: `batches(epoch)` gives the epoch's batches, on the CPU or not.
        step: `step(model, batch)` gives named loss terms; their sum is minimised.
        run: the stage's MLflow run; gets the means of each epoch.

    Returns:
        The history: one row an epoch with epoch, learning_rate, loss and its terms.

    Raises:
        UserError: the loss is not finite any more.
    """
    training = _Training(fabric, job, model, optimizer, scheduler, step)
    run.tag("processes", str(fabric.world_size))
    state, steps = training.state, len(batches(0))
    bar = tqdm(
        total=job.epochs * steps, initial=state.epoch * steps + state.step, desc=job.title,
        unit="step", dynamic_ncols=True, mininterval=0.5, disable=not fabric.is_global_zero,
    )  # fmt: skip
    while state.epoch < job.epochs:
        if state.step == 0:
            state.learning_rate = training.optimizer.param_groups[0]["lr"]
        row = {"epoch": float(state.epoch + 1), "learning_rate": state.learning_rate}
        row |= training.one_epoch(batches(state.epoch), bar)
        check_finite(job, row, state.epoch + 1)
        _end_epoch(state, row)
        if fabric.is_global_zero:
            run.metrics({k: v for k, v in row.items() if k != "epoch"}, state.epoch)
        training.saving.if_due(now=state.epoch == job.epochs)
    bar.close()
    finish(fabric, job, model, state)
    return state.history


def _end_epoch(state: State, row: dict[str, float]) -> None:
    """Count a whole epoch."""
    state.history.append(row)
    state.epoch, state.step, state.totals, state.generators = state.epoch + 1, 0, {}, {}

"""When a training writes its checkpoint: all its processes at once, by the first one's clock."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from pipeline.training.job import Job, State, resume, save
from pipeline.training.seeds import generators

if TYPE_CHECKING:
    from lightning_fabric import Fabric


class Saving:
    """Of one training, in each of its processes.

    Attributes:
        state: how far the training is; a checkpoint's, where one was left.
    """

    def __init__(self, fabric: Fabric, job: Job, model: nn.Module, parts: dict[str, Any]) -> None:
        """Load what a killed run of the job left.

        Args:
            fabric: of the training.
            job: whose checkpoint it is.
            model: gets the weights; without the wrapper of a distributed strategy.
            parts: what else goes into it by `state_dict`: the optimiser, the schedule.
        """
        self.fabric, self.job, self.model, self.parts = fabric, job, model, parts
        self.state: State = resume(job, model, parts, fabric.global_rank, fabric.world_size)
        self.saved_at = time.monotonic()

    def if_due(self, now: bool = False) -> None:
        """Write a checkpoint if the last one is old enough, or at once."""
        together = self.fabric.world_size > 1
        due = now or time.monotonic() - self.saved_at >= self.job.save_seconds
        if together:
            due = self.fabric.broadcast(due)
        if not due:
            return
        if self.state.step:
            self.state.generators = generators()
        own = self.state.own()
        everyone: list[Any] = [own] * self.fabric.world_size
        if together:
            torch.distributed.all_gather_object(everyone, own)
        if self.fabric.is_global_zero:
            save(self.job, self.model, self.parts, self.state, everyone)
        self.saved_at = time.monotonic()

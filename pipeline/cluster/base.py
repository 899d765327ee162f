"""What a run needs of the cluster that it runs on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from distributed import Client

from pipeline.cluster.graph import Task
from pipeline.cluster.order import Order
from pipeline.cluster.outcome import Outcome


class Cluster(Protocol):
    """Workers, and how they come by what a stage needs."""

    def prepare(self) -> None:
        """Before DVC's graph is read: raise UserError for what would fail later."""

    def workers(self) -> AbstractContextManager[Client]:
        """A client of workers with `Machine`; raises UserError if there are none."""

    def make_order(self, up_to_date: list[str]) -> Callable[[Task], Order]:
        """What a worker is told of a task, where these stages are up to date."""

    def take(self, outcome: Outcome) -> Outcome:
        """Take a stage's results to where the command was given; how it ended, that included."""

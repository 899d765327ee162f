"""What DVC would run, and what must come before what: read from DVC itself."""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import TopologicalSorter

from pipeline.stage.errors import UserError

FILE = "dvc.yaml"


@dataclass(frozen=True)
class Task:
    """A stage that may have to run.

    Attributes:
        stage: its name, e.g. `fuse@ir`.
        needs: names of the tasks before it; stages that are up to date are not among them.
        inputs: names of all stages whose results it reads.
    """

    stage: str
    needs: tuple[str, ...]
    inputs: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """The stage's name in `dvc.yaml`."""
        return self.stage.partition("@")[0]

    @property
    def alone(self) -> bool:
        """Whether nothing may run beside it on its machine: it measures time and memory."""
        return self.group == "measure_cost"


def read() -> tuple[list[Task], list[str]]:
    """Stages of `dvc.yaml` here that have changed or come after one that has, in a right order.

    Returns:
        The tasks, and the names of stages that are up to date.

    Raises:
        UserError: DVC cannot read the project; with DVC's first line.
    """
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        with Repo() as repo:
            graph, changed = repo.index.graph, set(repo.status())
    except DvcException as error:
        raise UserError(f"{FILE}: {str(error).strip().splitlines()[0]}") from None
    ordered = list(TopologicalSorter({stage: graph[stage] for stage in graph}).static_order())
    wanted = {stage for stage in graph if stage.path_in_repo == FILE}
    for stage in reversed(ordered):
        if stage in wanted:
            wanted.update(graph[stage])
    tasks: dict[str, Task] = {}
    for stage in ordered:
        inputs = tuple(sorted(need.addressing for need in graph[stage]))
        needs = tuple(need for need in inputs if need in tasks)
        if stage in wanted and (needs or stage.addressing in changed):
            tasks[stage.addressing] = Task(stage.addressing, needs, inputs)
    return list(tasks.values()), sorted({stage.addressing for stage in wanted} - tasks.keys())

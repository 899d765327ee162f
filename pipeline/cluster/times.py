"""How long stages took, for the order of work and for what is left of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import mean

from pipeline.cluster.graph import Task
from pipeline.images.whole import write_json

FILE = Path("logs") / "stage-seconds.json"


class Times:
    """Seconds of each stage, when it last ran here.

    Attributes:
        seconds: by the stage's name.
    """

    def __init__(self, seconds: Mapping[str, float] | None = None) -> None:
        self.seconds = dict(seconds or {})

    @classmethod
    def read(cls) -> Times:
        """Those of earlier runs; none if there was none."""
        try:
            return cls(json.loads(FILE.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError):
            return cls()

    def write(self) -> None:
        """Keep them for the next run."""
        write_json(FILE, self.seconds)

    def expected(self, task: Task) -> float | None:
        """Seconds that a stage will take: its own last, else the mean of its group's, or of all."""
        if task.stage in self.seconds:
            return self.seconds[task.stage]
        group = [s for name, s in self.seconds.items() if name.partition("@")[0] == task.group]
        known = group or list(self.seconds.values())
        return mean(known) if known else None

    def paths(self, tasks: Iterable[Task]) -> dict[str, float]:
        """Seconds from the start of each stage to the end of the last one that waits for it.

        A stage that nothing is known of counts one second: so the longest chain comes first.
        """
        ordered = list(tasks)
        longest = {task.stage: 0.0 for task in ordered}
        for task in reversed(ordered):  # each after all that need it
            own = self.expected(task)
            longest[task.stage] += 1.0 if own is None else own
            for need in task.needs:
                if need in longest:
                    longest[need] = max(longest[need], longest[task.stage])
        return longest

    def left(
        self, tasks: Iterable[Task], running: Mapping[str, float | None], places: int
    ) -> float | None:
        """Seconds until all are done, at least; None while nothing is known.

        Args:
            tasks: those that have not ended.
            running: seconds that running ones have left, None where that is unknown.
            places: stages at a time.
        """
        ordered = list(tasks)
        known = {task.stage: self.expected(task) for task in ordered}
        known |= {stage: left for stage, left in running.items() if left is not None}
        if any(seconds is None for seconds in known.values()):
            return None
        now = Times({stage: seconds for stage, seconds in known.items() if seconds is not None})
        longest = max(now.paths(ordered).values(), default=0.0)
        return max(longest, sum(now.seconds.values()) / max(places, 1))

"""What is seen while stages run: a line each with bar and time left, the whole, and a log."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from pipeline.cluster.graph import Task
from pipeline.cluster.outcome import Outcome, clock
from pipeline.cluster.times import Times

LOG = Path("logs") / "run.log"
EVERY = 30.0
"""Seconds between two lines of the log on what runs."""

_COLUMNS = (
    TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}"),
    TextColumn("{task.fields[time]}"),
)  # fmt: skip


def _logger(console: Console) -> logging.Logger:
    """To the file, and to the terminal's place where there is no terminal."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    logger = logging.getLogger("pipeline.run")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    logger.addHandler(logging.FileHandler(LOG, mode="w", encoding="utf-8"))
    if not console.is_terminal:
        logger.addHandler(logging.StreamHandler(console.file))
    for handler in logger.handlers:
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    return logger


class Shown:
    """Follows the stages of a run; a context.

    Args:
        tasks: all that may run.
        times: of earlier runs; gets those of this one.
        places: `places()` says how many stages fit at a time just now.
        console: where to show it.
    """

    def __init__(self, tasks: list[Task], times: Times, places: Any, console: Console) -> None:
        self.left = {task.stage: task for task in tasks}
        self.total, self.times, self.places = len(tasks), times, places
        self.running: dict[str, dict[str, Any]] = {}
        self._lines: dict[str, TaskID] = {}
        self._lock = threading.Lock()  # events come in a thread of Dask's
        self._log = _logger(console)
        self._told_at = time.monotonic()
        self._bars = Progress(*_COLUMNS, console=console, disable=not console.is_terminal)
        self._whole = self._bars.add_task("[bold]all", total=self.total, count="", time="")

    def __enter__(self) -> Shown:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._bars.stop()
        self.times.write()

    def event(self, told: dict[str, Any]) -> None:
        """Take what a worker tells of its stage."""
        with self._lock:
            stage = told["stage"]
            if stage not in self.left:
                return  # it has ended meanwhile
            if stage not in self.running:
                self._log.info("%s: started on %s", stage, told["where"])
                self.running[stage] = {"since": time.monotonic()}
                self._lines[stage] = self._bars.add_task(stage, total=None, count="", time="")
            self.running[stage] |= told
            self._show(stage)
            self._show_whole()

    def ended(self, outcome: Outcome) -> None:
        """Take the end of a stage."""
        with self._lock:
            self.left.pop(outcome.stage, None)
            self.running.pop(outcome.stage, None)
            line = self._lines.pop(outcome.stage, None)
            if line is not None:
                self._bars.remove_task(line)
            if outcome.state == "ran":
                self.times.seconds[outcome.stage] = outcome.seconds
            words = [outcome.state, f"in {clock(outcome.seconds)}" if outcome.seconds else ""]
            words += [f"on {outcome.where}" if outcome.where else ""]
            told = " ".join(filter(None, words)) + (f": {outcome.error}" if outcome.error else "")
            self._log.info("%s: %s", outcome.stage, told)
            if not self._bars.disable:
                self._bars.console.print(f"{outcome.stage}: {told}")
            self._show_whole()

    def tick(self) -> None:
        """Count the seconds; now and then tell the log what runs."""
        with self._lock:
            for stage in self.running:
                self._show(stage)
            self._show_whole()
            if self.running and time.monotonic() - self._told_at >= EVERY:
                self._told_at = time.monotonic()
                for stage in self.running:
                    self._log.info("%s: %s", stage, " ".join(self._state(stage)))
                self._log.info("%s", self._all())

    def _left(self, stage: str) -> float | None:
        """Seconds that a running stage has left: by its bar, or by the time it took last."""
        running = self.running[stage]
        if running.get("left") is not None:
            return max(0.0, float(running["left"]))
        expected = self.times.expected(self.left[stage])
        return None if expected is None else max(0.0, expected - self._since(stage))

    def _since(self, stage: str) -> float:
        return time.monotonic() - float(self.running[stage]["since"])

    def _state(self, stage: str) -> tuple[str, str]:
        """Count and time of a running stage, in words."""
        running = self.running[stage]
        count = f"{running['done']}/{running['total']}" if "total" in running else ""
        return count, f"{clock(self._since(stage))}, left {clock(self._left(stage))}"

    def _show(self, stage: str) -> None:
        running = self.running[stage]
        count, seconds = self._state(stage)
        self._bars.update(
            self._lines[stage], total=running.get("total"), completed=running.get("done", 0),
            count=count, time=seconds,
        )  # fmt: skip

    def _all(self) -> str:
        running = {stage: self._left(stage) for stage in self.running}
        left = self.times.left(self.left.values(), running, self.places())
        return f"{self.total - len(self.left)} of {self.total} stages, left {clock(left)}"

    def _show_whole(self) -> None:
        done = self.total - len(self.left)
        self._bars.update(self._whole, completed=done, time=self._all())

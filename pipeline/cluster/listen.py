"""What a stage prints: into its log, and its progress to whoever asked for it."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

from distributed import Worker

from pipeline.cluster.output import bar_of, lines

TOPIC = "stages"
"""Of Dask's events: dicts with stage, where and, of a bar, title, done, total and left."""
EVERY = 0.5
"""Seconds between two of them."""


def log_of(stage: str) -> Path:
    """What the stage prints."""
    return Path("logs") / "stages" / f"{stage}.log"


class Listener:
    """Takes what a stage prints: into its log, and its bar to whoever asked, now and then."""

    def __init__(self, worker: Worker, stage: str, where: str) -> None:
        self.worker, self.about = worker, {"stage": stage, "where": where}
        self.printed: list[str] = []
        self.told_at = 0.0
        self.log = log_of(stage)
        self.tell({})

    def tell(self, what: dict[str, Any]) -> None:
        """Send an event."""
        self.worker.log_event(TOPIC, self.about | what)
        self.told_at = time.monotonic()

    def take_all(self, process: subprocess.Popen[bytes]) -> None:
        """Listen until the stage ends."""
        assert process.stdout is not None
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("w", encoding="utf-8") as log:
            for line in lines(process.stdout):
                bar = bar_of(line)
                if bar is None:
                    self.printed.append(line)
                    print(line, file=log, flush=True)
                elif time.monotonic() - self.told_at >= EVERY:
                    self.tell(bar._asdict())

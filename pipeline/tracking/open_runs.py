"""Runs that a stage left open: taken up by the same stage, closed by any other.

A note in `checkpoints/runs` names each run that is open. A stage that was killed leaves its note;
so does one whose server died before the run could be closed, with the status it should have.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from pipeline.images.whole import write_json
from pipeline.tracking import execution
from pipeline.tracking.store import failures, notes, uri

if TYPE_CHECKING:
    from mlflow import MlflowClient


@contextmanager
def note_of(experiment: str, name: str) -> Iterator[Path]:
    """The note on a stage's open run, its own inside the block.

    Two experiments may run one stage at once: a run that is open is not one that was left open.
    """
    note = notes() / experiment / f"{name}.json"
    note.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(note.with_suffix(".lock"))
    try:
        lock.acquire(blocking=False)  # the system frees it when its process is killed
    except Timeout:
        yield note.with_name(f"{name}.{os.getpid()}-{time.monotonic_ns()}.json")
        return
    try:
        yield note
    finally:
        lock.release()


def write_note(note: Path, run_id: str, mark: str) -> None:
    """Note an open run and what it belongs to."""
    write_json(note, {"run": run_id, "mark": mark, "uri": uri()})


def take_up(client: MlflowClient, note: Path, mark: str) -> str | None:
    """Id of the run that a killed stage left open, open again; None if there is none to go on.

    Args:
        client: of the store.
        note: of the stage.
        mark: fingerprint of experiment, stage, params and code; a run under another one is closed.
    """
    left = _read(note)
    if left is None or left["uri"] != uri():
        return None
    run_id = str(left["run"])
    try:
        if left["mark"] == mark and client.get_run(run_id).info.lifecycle_stage == "active":
            client.update_run(run_id, status="RUNNING")
            return run_id
        execution.end(client, run_id, "KILLED")
    except failures():
        pass  # the store was deleted or is another one: a new run it is
    return None


def leave_unclosed(note: Path, status: str) -> None:
    """Note the status that an open run should get once its server is back."""
    left = _read(note)
    if left is not None:
        write_json(notes() / "unclosed" / f"{left['run']}.json", left | {"status": status})
        note.unlink()


def close_left(client: MlflowClient) -> None:
    """Give the runs that a dead server left open the status they should have."""
    for file in sorted((notes() / "unclosed").glob("*.json")):
        left = _read(file)
        if left is not None and left["uri"] == uri():
            execution.end(client, str(left["run"]), str(left["status"]))
            file.unlink(missing_ok=True)


def _read(note: Path) -> dict[str, Any] | None:
    try:
        content: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return content if {"run", "mark", "uri"} <= content.keys() else None

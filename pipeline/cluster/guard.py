"""Run a command that ends with whoever started it, however that one ends.

`python -m pipeline.cluster.guard ALONE LOCK COMMAND…`: standard input is a pipe from the worker.
When the worker is killed the pipe closes, and the command with all that it started is ended: a
stage without its worker would write beside the one that takes over. LOCK, a file, is the stage's:
who takes over waits until the first is gone. ALONE is 1 for a command that nothing may run beside
on this machine, whoever's worker it is, else 0.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

GRACE = 10.0
"""Seconds that a stage gets to close its runs and files."""


@contextmanager
def _held(file: Path, kind: int) -> Iterator[None]:
    """Hold a lock of the system's, shared or alone; it goes with the process."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as handle:
        fcntl.flock(handle, kind)
        yield


def _end(group: int) -> None:
    """End a process group: kindly first, then at once."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGTERM)
        end = time.monotonic() + GRACE
        while time.monotonic() < end:
            os.killpg(group, 0)
            time.sleep(0.05)
        os.killpg(group, signal.SIGKILL)


def _watch(started: list[subprocess.Popen[bytes]], starting: threading.Lock) -> None:
    """Wait until the pipe closes; then end the command, if it has started, and this process."""
    while os.read(0, 1024):
        pass
    with starting:  # a command half started would outlive this process
        for process in started:
            threading.Thread(target=process.wait, daemon=True).start()  # no zombie holds the group
            _end(process.pid)
        os._exit(128 + signal.SIGTERM)


def main(alone: str, lock: str, *command: str) -> None:
    """Run `command` and exit with its code."""
    started: list[subprocess.Popen[bytes]] = []
    starting = threading.Lock()
    threading.Thread(target=_watch, args=(started, starting), daemon=True).start()
    machine = Path(tempfile.gettempdir()) / f"ivif-bench-{os.getuid()}.lock"
    with (
        _held(Path(lock), fcntl.LOCK_EX),
        _held(machine, fcntl.LOCK_EX if alone == "1" else fcntl.LOCK_SH),
    ):
        with starting:
            started.append(
                subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
            )
        code = started[0].wait()
    os._exit(code if code >= 0 else 128 - code)  # not past a thread that waits for input


if __name__ == "__main__":
    main(*sys.argv[1:])

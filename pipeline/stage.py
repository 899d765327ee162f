"""How a stage starts and how it fails: one line for the user's errors, a clean stop when killed."""

import argparse
import errno
import inspect
import signal
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from types import FrameType
from typing import Any

from pipeline.errors import UserError
from pipeline.params import load

Main = Callable[[Sequence[str] | None], None]


def _stop(signum: int, _: FrameType | None) -> None:
    """Turn SIGTERM into an exception, so that open runs are closed and partial files removed."""
    raise SystemExit(128 + signum)


def _parse(main: Callable[..., None], argv: Sequence[str] | None) -> list[str]:
    """Command line of a stage: the name of its method or input, if `main` takes one."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {main.__module__}", description=inspect.getdoc(main)
    )
    subjects = list(inspect.signature(main).parameters)[1:]
    for subject in subjects:
        parser.add_argument(subject)
    given = parser.parse_args(argv)
    return [getattr(given, subject) for subject in subjects]


def fail(message: str) -> None:
    """Print one line to standard error and exit with code 2."""
    print(f"error: {message}", file=sys.stderr)
    raise SystemExit(2)


def stage(main: Callable[..., None]) -> Main:
    """Make `main(params, ...)` the command line of its module.

    The result reads the remaining arguments of `main` from the command line, loads
    `params.yaml` of the working directory and calls `main`. A `UserError` and a full disk end
    in one line on standard error and exit code 2, an interruption in code 130.
    """

    @wraps(main)
    def command(argv: Sequence[str] | None = None) -> None:
        subjects = _parse(main, argv)
        signal.signal(signal.SIGTERM, _stop)
        try:
            _prepare_memory()
            main(load(), *subjects)
        except UserError as error:
            fail(str(error))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            fail(f"{error.filename or 'a file'}: the disk is full; nothing half-written was kept")
        except KeyboardInterrupt:
            print("stopped; the same command goes on from here", file=sys.stderr)
            raise SystemExit(130) from None

    return command


def _prepare_memory() -> Any:
    """Set the allocator up before anything large is allocated."""
    from pipeline import memory

    return memory.prepare()

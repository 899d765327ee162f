"""How a stage starts and how it fails: one line for the user's errors, a clean stop when killed."""

import argparse
import errno
import inspect
import signal
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from types import FrameType
from typing import Any, Protocol

from pipeline.errors import UserError
from pipeline.params import load


class Command(Protocol):
    """A stage's command line; the arguments are `sys.argv`'s if none are given."""

    def __call__(self, argv: Sequence[str] | None = None) -> None:
        """Run the stage."""


def _stop(signum: int, _: FrameType | None) -> None:
    """Turn SIGTERM into an exception, so that open runs are closed and partial files removed."""
    raise SystemExit(128 + signum)


def _parse(main: Callable[..., None], argv: Sequence[str] | None) -> dict[str, str | None]:
    """The arguments of `main` after params; those with a default are options."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {main.__module__}", description=inspect.getdoc(main)
    )
    for name, parameter in list(inspect.signature(main).parameters.items())[1:]:
        if parameter.default is inspect.Parameter.empty:
            parser.add_argument(name)
        else:
            parser.add_argument(f"--{name}", default=parameter.default)
    return vars(parser.parse_args(argv))


def fail(message: str) -> None:
    """Print one line to standard error and exit with code 2."""
    print(f"error: {message}", file=sys.stderr)
    raise SystemExit(2)


def stage(main: Callable[..., None]) -> Command:
    """Make `main(params, ...)` the command line of its module.

    The result reads the remaining arguments of `main` from the command line, loads
    `params.yaml` of the working directory and calls `main`. A `UserError` and a full disk end
    in one line on standard error and exit code 2, an interruption in code 130.
    """

    @wraps(main)
    def command(argv: Sequence[str] | None = None) -> None:
        given = _parse(main, argv)
        signal.signal(signal.SIGTERM, _stop)
        try:
            _prepare_memory()
            main(load(), **given)
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

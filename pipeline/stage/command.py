"""How a stage starts and how it fails: one line for the user's errors, a clean stop when killed."""

from __future__ import annotations

import errno
import inspect
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol

from pipeline.params import load
from pipeline.stage import process, rank
from pipeline.stage.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


class Command(Protocol):
    """A command line; the arguments are `sys.argv`'s if none are given."""

    def __call__(self, argv: Sequence[str] | None = None) -> None:
        """Run it."""


def _stop(signum: int, _: FrameType | None) -> None:
    """Turn SIGTERM into an exception, so that open runs are closed and partial files removed."""
    raise SystemExit(128 + signum)


def fail(message: str) -> NoReturn:
    """Print one line to standard error and exit with code 2."""
    where = "" if rank.first() else f"process {rank.rank()}: "
    print(f"{where}error: {message}", file=sys.stderr)
    raise SystemExit(2)


@contextmanager
def one_line_errors() -> Iterator[None]:
    """End in one line: a `UserError` and a full disk in code 2, an interruption in code 130."""
    try:
        yield
    except UserError as error:
        fail(str(error))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        fail(f"{error.filename or 'a file'}: the disk is full; nothing half-written was kept")
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
        raise SystemExit(130) from None


def command(main: Callable[..., None]) -> Command:
    """Make a typed function the command line of its module, by typer.

    Arguments without a default are positional, those with one are options. Errors end as
    `one_line_errors` says.
    """
    signature = inspect.signature(main, eval_str=True)

    def body(**given: object) -> None:
        signal.signal(signal.SIGTERM, _stop)
        with one_line_errors():
            main(**given)

    body.__doc__ = inspect.getdoc(main)
    body.__signature__ = signature  # type: ignore[attr-defined]
    body.__annotations__ = {key: one.annotation for key, one in signature.parameters.items()}

    @wraps(main)
    def run(argv: Sequence[str] | None = None) -> None:
        _run(body, _program() or f"python -m {_module(main)}", argv)

    return run


def _program() -> str | None:
    """Name of the installed command that this process is, as `ivif-fuse`."""
    name = Path(sys.argv[0]).name
    return name if name.startswith("ivif-") else None


def _module(main: Callable[..., None]) -> str:
    """Dotted name as `python -m` takes it, also where Python calls the module `__main__`."""
    function = inspect.unwrap(main)
    spec = function.__globals__.get("__spec__")
    name: str = function.__module__ if spec is None else spec.name
    return name.removesuffix(".__main__")


def _run(body: Callable[..., None], name: str, argv: Sequence[str] | None) -> None:
    """Parse and call; typer ends the process with code 2 for arguments that it cannot take."""
    import typer

    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command()(body)
    try:
        app(None if argv is None else list(argv), prog_name=name)
    except SystemExit as end:
        if end.code:
            raise


def stage(main: Callable[..., None]) -> Command:
    """Make `main(params, ...)` the command line of its module.

    Sets the process up, loads `params.yaml` of the working directory and calls `main` with it
    and the arguments; the rest as `command`.
    """
    signature = inspect.signature(main, eval_str=True)

    @wraps(main)
    def with_params(**given: object) -> None:
        params = load()
        process.set_up(params.runtime.progress and rank.first())
        if not rank.first():
            sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 (as long as the process)
        main(params, **given)

    own = list(signature.parameters.values())[1:]
    with_params.__signature__ = signature.replace(parameters=own)  # type: ignore[attr-defined]
    return command(with_params)

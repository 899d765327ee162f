"""Somebody's program, run on folders of images."""

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from fusion.methods.base.registry import register
from fusion.methods.external.adopt import External, adopt
from pipeline.stage.errors import UserError
from pipeline.stage.home import home, resolve

PLACEHOLDERS = ("{ir}", "{vi}", "{out}")
_LAST_LINES = 5  # of the program's log, shown when it fails


def _runnable(run: str) -> str:
    missing = [placeholder for placeholder in PLACEHOLDERS if placeholder not in run]
    if missing:
        raise ValueError(f"without {', '.join(missing)}; {{ir}}, {{vi}} and {{out}} are needed")
    shlex.split(run)  # raises ValueError for an unclosed quote
    return run


@register("command")
def command(
    run: Annotated[str, AfterValidator(_runnable)],
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
    timeout: Annotated[float, Field(gt=0)] = 3600.0,
    shell: bool = False,
    watch: Path | None = None,
) -> "Command":
    """Fuse with any program: run once a split, on folders.

    Args:
        run: command line. `{ir}`, `{vi}` and `{out}` become absolute paths of folders: IR as
            NAME.png (8-bit gray), VIS as NAME.png (8-bit RGB), and an empty folder that the
            program must leave with one fused image a pair, NAME.png (or BMP, TIFF, JPEG), of the
            pair's size.
        env: environment variables, added to those there are.
        cwd: folder that the program runs in; the project's root if absent.
        timeout: seconds that one split may take.
        shell: give `run` to a shell (pipes, `&&`, variables); without, it is split into words
            as a shell would and run directly.
        watch: folder or file whose every change makes the program run again, as the folder of its
            code; the files that `run` names if absent. Read by `pipeline.provenance.inputs`.

    Raises:
        UserError: no such folder `cwd`, or nothing to `watch`.
    """
    folder = home() if cwd is None else resolve(cwd)
    if not folder.is_dir():
        raise UserError(f"fusion method command, parameter cwd: {cwd}: no such folder")
    if watch is not None and not resolve(watch).exists():
        raise UserError(f"fusion method command, parameter watch: {watch}: no such file or folder")
    return Command(run, {**os.environ, **(env or {})}, folder, timeout, shell)


class Command(External):
    """A program, see `command`."""

    def __init__(
        self, run: str, env: dict[str, str], cwd: Path, timeout: float, shell: bool
    ) -> None:
        self.run = run
        self.env = env
        self.cwd = cwd
        self.timeout = timeout
        self.shell = shell

    def fuse_split(
        self, ir_dir: Path, vi_dir: Path, names: Sequence[str], out_dir: Path, log_path: Path
    ) -> str | None:
        """Run the program, check what it left, keep its log; see `External`."""
        made = out_dir.with_name(f".{out_dir.name}.made").absolute()
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(parents=True)
        log_path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._run(self._words(ir_dir.absolute(), vi_dir.absolute(), made), log_path)
            adopt(made, vi_dir, names, out_dir, log_path)
        finally:
            shutil.rmtree(made)
        return None

    def _words(self, *folders: Path) -> str | list[str]:
        """The command line with its placeholders filled in, for a shell or split into words."""
        if self.shell:
            return _fill(self.run, [shlex.quote(str(folder)) for folder in folders])
        return [_fill(word, [str(folder) for folder in folders]) for word in shlex.split(self.run)]

    def _run(self, words: str | list[str], log_path: Path) -> None:
        """Run to the end or to the time limit, everything it prints going to the log."""
        with log_path.open("wb") as log:
            try:
                process = subprocess.Popen(
                    words,
                    shell=self.shell,
                    cwd=self.cwd,
                    env=self.env,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise UserError(f"{self.run}: cannot be started: {error}") from None
            try:
                code = process.wait(self.timeout)
            except subprocess.TimeoutExpired:
                raise UserError(
                    f"{self.run}: stopped after the timeout of {self.timeout:g} s{_tail(log_path)}"
                ) from None
            finally:
                _end_group(process)
        if code != 0:
            raise UserError(f"{self.run}: failed with exit code {code}{_tail(log_path)}")


def _fill(text: str, values: list[str]) -> str:
    """Replace just the placeholders: other braces are the program's own."""
    for placeholder, value in zip(PLACEHOLDERS, values, strict=True):
        text = text.replace(placeholder, value)
    return text


def _end_group(process: "subprocess.Popen[bytes]") -> None:
    """End the program with all that it started, also when this stage is interrupted."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # all of it has ended
    process.wait()


def _tail(log_path: Path) -> str:
    """Where the log is, and its last lines."""
    lines = log_path.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_LINES:]
    last = "\n  ".join(lines) if lines else "(it printed nothing)"
    return f"; log {log_path}, last lines:\n  {last}"

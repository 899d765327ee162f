"""Every command line: its help, arguments that it cannot take, and how it ends."""

import os
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from generate import runnable  # of docs/reference: the same commands have pages there

from pipeline.stage.command import command
from pipeline.stage.errors import UserError

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("module", runnable())
def test_help_names_the_command_and_what_is_unknown_is_refused(module: str, capsys) -> None:
    main = import_module(module).main
    main(["--help"])
    shown = capsys.readouterr().out
    name = module.removesuffix(".__main__")
    assert shown.startswith(f"Usage: python -m {name} ")
    with pytest.raises(SystemExit) as stopped:
        main(["--nonsense"])
    assert stopped.value.code == 2
    error = capsys.readouterr().err
    assert "--nonsense" in error
    assert "Traceback" not in error


def test_help_in_a_process_of_its_own() -> None:
    for module, argument in (("fusion.train", "method"), ("pipeline.preset", "name")):
        done = subprocess.run(
            [sys.executable, "-m", module, "--help"],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(f"Usage: python -m {module} ")
        assert argument in done.stdout


@pytest.mark.parametrize(
    ("module", "arguments", "named"),
    [
        ("fusion.train", [], "method"),
        ("fusion.fuse_pairs", ["average"], "pair_set"),
        ("fusion.evaluate_pairs", ["average"], "pair_set"),
        ("segmentation.predict", ["images", "--model", "folder"], "--out"),
        ("fusion.medical.train", ["mri-ct"], "method"),
    ],
)
def test_a_missing_argument_is_named(module: str, arguments: list[str], named: str, capsys) -> None:
    with pytest.raises(SystemExit) as stopped:
        import_module(module).main(arguments)
    assert stopped.value.code == 2
    kind = "option" if named.startswith("-") else "argument"
    assert f"Missing {kind} '{named}'" in capsys.readouterr().err


def ending(body, capsys) -> tuple[int, str]:
    """Exit code and standard error of a command with this body."""

    @command
    def main() -> None:
        body()

    with pytest.raises(SystemExit) as stopped:
        main([])
    return stopped.value.code, capsys.readouterr().err


def test_the_users_error_is_one_line(capsys) -> None:
    def body() -> None:
        raise UserError("params.yaml: no key 'x'; allowed is y")

    assert ending(body, capsys) == (2, "error: params.yaml: no key 'x'; allowed is y\n")


def test_an_interruption_says_how_to_go_on(capsys) -> None:
    def body() -> None:
        raise KeyboardInterrupt

    code, error = ending(body, capsys)
    assert code == 130
    assert error == "stopped; the same command goes on from here\n"


def test_a_real_interruption_ends_the_process_with_130() -> None:
    program = """
import os, signal
from pipeline.stage.command import command
@command
def main() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.kill(os.getpid(), signal.SIGINT)
main([])
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 130
    assert done.stderr.count("\n") == 1


def test_a_termination_closes_what_is_open(capsys) -> None:
    closed = []

    def body() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            signal.pause()
        finally:
            closed.append(True)

    before = signal.getsignal(signal.SIGTERM)
    try:
        assert ending(body, capsys)[0] == 128 + signal.SIGTERM
    finally:
        signal.signal(signal.SIGTERM, before)
    assert closed == [True]


def test_an_error_of_the_program_keeps_its_traceback() -> None:
    @command
    def main() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        main([])


def test_arguments_are_converted_and_options_have_their_defaults() -> None:
    seen = []

    @command
    def main(place: Path, times: int = 2, only: str | None = None) -> None:
        seen.append((place, times, only))

    main(["here"])
    main(["--times", "3", "--only", "a,b", "there"])
    assert seen == [(Path("here"), 2, None), (Path("there"), 3, "a,b")]

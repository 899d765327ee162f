"""What `make setup` says: what comes, and what is wrong in one line."""

import importlib.util
import sys
from collections import namedtuple
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, which is in no package, where no environment is yet."""
    monkeypatch.chdir(tmp_path)
    spec = importlib.util.spec_from_file_location("install", ROOT / ".ci/install.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def refused(install: ModuleType, capsys, torch: str = "cuda") -> str:
    with pytest.raises(SystemExit) as stopped:
        install.check(".venv", torch)
    assert stopped.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_an_old_python_is_named_with_the_way_out(install, capsys, monkeypatch) -> None:
    monkeypatch.setattr(install.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(install.sys, "version", "3.9.2 (main)")
    line = refused(install, capsys)
    assert line.startswith(f"error: Python 3.11 or newer is needed, {sys.executable} is 3.9.2")
    assert "make PYTHON=" in line


def test_the_script_is_read_by_pythons_that_it_refuses() -> None:
    import ast

    ast.parse((ROOT / ".ci/install.py").read_text(), feature_version=(3, 7))


def test_a_full_disk_is_told_before_anything_comes(install, capsys, monkeypatch) -> None:
    monkeypatch.setattr(install.shutil, "disk_usage", lambda _: Usage(9e10, 8e10, 5e9))
    assert refused(install, capsys) == "error: .venv: 5.0 GB free here, up to 9.0 GB are needed"
    install.check(".venv", "cpu")  # takes less


def test_an_environment_that_is_there_counts_as_room(install, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(install.shutil, "disk_usage", lambda _: Usage(9e10, 8e10, 4e9 - 1000))
    with (tmp_path / "library.so").open("wb") as file:
        file.truncate(1000)
    install.check(tmp_path, "cpu")


def test_pytorch_for_the_cpu_comes_from_its_own_index(install, tmp_path, monkeypatch) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(install, "run", lambda command, log: commands.append(command) or 0.0)
    monkeypatch.setattr(install, "check", lambda folder, torch: None)
    monkeypatch.setattr(install.subprocess, "run", lambda command, check: None)
    install.main(tmp_path, "cpu")
    pip, uv = commands
    assert pip[1:4] == ["-m", "pip", "install"] and pip[-1] == "uv"
    assert "--torch-backend cpu" in " ".join(uv)
    assert uv[-4:] == ["-c", "constraints.txt", "-e", install.EXTRAS]


def test_an_unknown_torch_is_refused(install, capsys) -> None:
    assert refused(install, capsys, "rocm") == "error: TORCH=rocm: allowed are cuda, cpu"


def program(tmp_path: Path, lines: list[str], code: int) -> list[str]:
    """A command that prints lines as an installer would, and ends with a code."""
    script = tmp_path / "pip.py"
    script.write_text(f"print({chr(10).join(lines)!r})\nraise SystemExit({code})\n")
    return [sys.executable, str(script)]


def test_what_is_large_is_told_and_all_is_kept(install, tmp_path: Path, capsys) -> None:
    lines = [
        "Collecting torch", "  Downloading torch-2.14.1.whl (530.5 MB)",
        "  Downloading six-1.17.0.whl (11 kB)", "Downloading cuda (0.50 GB)",
        "Downloading torchvision (1.5MiB)",
    ]  # fmt: skip
    log = tmp_path / "log"
    size = install.run(program(tmp_path, lines, 0), log)
    assert size == pytest.approx(530.5e6 + 11e3 + 0.5e9 + 1.5 * 2**20)
    told = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert told == [lines[1].strip(), lines[3]]
    assert log.read_text().splitlines() == lines


def test_a_failure_shows_the_errors_and_the_way_on(install, tmp_path: Path, capsys) -> None:
    lines = ["Collecting torch", "ERROR: No matching distribution found for torch"]
    with pytest.raises(SystemExit) as stopped:
        install.run(program(tmp_path, lines, 1), tmp_path / "log")
    assert stopped.value.code == 2
    error = capsys.readouterr().err
    assert error.splitlines()[0] == lines[1]
    assert "Collecting" not in error
    assert "The same command goes on" in error

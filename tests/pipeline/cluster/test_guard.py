"""What a worker started ends with it, with all that it started in turn."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
UNTIL_GO = "echo begun > first; until [ -f go ]; do sleep 0.05; done"


def start(folder: Path, script: str, stdin: int = subprocess.PIPE) -> subprocess.Popen:
    command = [sys.executable, "-m", "pipeline.cluster.guard", "0", str(folder / "lock")]
    return subprocess.Popen(
        [*command, "sh", "-c", script], cwd=folder, stdin=stdin, stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(folder)},
    )  # fmt: skip


def wait_for(file: Path) -> str:
    end = time.monotonic() + 60
    while not file.is_file() or not file.read_text().strip():
        assert time.monotonic() < end, f"{file} never came"
        time.sleep(0.02)
    return file.read_text().strip()


def alive(pid: str) -> bool:
    """Whether a process runs; one that nobody has waited for has ended."""
    stat = Path("/proc") / pid / "stat"
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("code", [0, 3])
def test_the_exit_code_is_the_commands(tmp_path: Path, code: int) -> None:
    assert start(tmp_path, f"exit {code}").wait(60) == code


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks into /proc")
def test_a_grandchild_ends_when_the_pipe_closes(tmp_path: Path) -> None:
    guard = start(tmp_path, "sleep 600 & echo $! > pid; wait")
    pid = wait_for(tmp_path / "pid")
    assert alive(pid)
    assert guard.stdin is not None
    guard.stdin.close()
    assert guard.wait(60) == 128 + 15
    assert not alive(pid)


def test_two_of_one_stage_follow_each_other(tmp_path: Path) -> None:
    first = start(
        tmp_path, "echo begun > first; until [ -f go ]; do sleep 0.05; done; echo 1 > log"
    )
    wait_for(tmp_path / "first")
    second = start(tmp_path, "cat log > seen")
    assert not (tmp_path / "seen").exists()
    (tmp_path / "go").touch()
    assert first.wait(60) == second.wait(60) == 0
    assert (tmp_path / "seen").read_text() == "1\n"


def test_who_waits_for_the_lock_ends_too(tmp_path: Path) -> None:
    first = start(tmp_path, UNTIL_GO)
    wait_for(tmp_path / "first")
    second = start(tmp_path, "echo ran > second")
    assert second.stdin is not None
    second.stdin.close()
    assert second.wait(60) == 128 + 15
    (tmp_path / "go").touch()
    assert first.wait(60) == 0
    assert not (tmp_path / "second").exists()


def test_nothing_outlives_a_pipe_that_closes_while_the_command_starts(tmp_path: Path) -> None:
    """The command holds the guard's output open for as long as it runs."""
    for _ in range(20):
        guard = start(tmp_path, "sleep 60", stdin=subprocess.DEVNULL)
        guard.communicate(timeout=30)
        assert guard.returncode == 128 + 15

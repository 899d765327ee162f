"""What CI runs, and that it skips nothing without a word."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())

SAMPLE = """
import pytest

@pytest.mark.skipif(True, reason="needs a GPU")
def test_allowed(): ...

@pytest.mark.skipif(True, reason="no printer here")
def test_marked(): ...

def test_called():
    pytest.skip("no printer here")

@pytest.mark.xfail(reason="known")
def test_expected(): assert False

def test_passes(): ...
"""
MODULE = 'import pytest\npytest.importorskip("no_such_module_here", reason="no printer here")\n'


def outcome(folder: Path, *options: str) -> tuple[int, str]:
    """Exit code and summary of the samples under the settings of this project's skips."""
    (folder / "test_sample.py").write_text(SAMPLE)
    (folder / "test_module.py").write_text(MODULE)
    (folder / "conftest.py").write_text("from strict_skips import *\n")
    (folder / "pytest.ini").write_text("[pytest]\nallowed_skips =\n  needs a GPU\n")
    path = os.pathsep.join((str(ROOT / "tests/ci"), str(ROOT)))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, str(folder)],
        env=os.environ | {"PYTHONPATH": path, "PYTEST_ADDOPTS": ""},
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


def test_without_the_option_skips_are_skips(tmp_path: Path) -> None:
    code, printed = outcome(tmp_path)
    assert code == 0
    assert "1 passed, 4 skipped, 1 xfailed" in printed


def test_with_it_only_what_is_allowed_may_be_skipped(tmp_path: Path) -> None:
    code, printed = outcome(tmp_path, "--strict-skips", "--continue-on-collection-errors")
    assert code == 1
    assert "1 failed, 1 passed, 1 skipped, 1 xfailed, 2 errors" in printed
    for name in ("test_sample.py::test_marked", "test_sample.py::test_called", "test_module.py"):
        assert f"{name}: skipped, and allowed_skips does not allow it: no printer here" in printed


def test_the_list_allows_no_missing_program() -> None:
    allowed = "\n".join(SETTINGS["tool"]["pytest"]["ini_options"]["allowed_skips"])
    for word in ("chromium", "pdflatex", "Slurm", "onnx", "timm"):
        assert word not in allowed


def test_the_workflow_runs_what_ci_runs_on_every_version_that_is_supported() -> None:
    job = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]["test"]
    assert [step["run"] for step in job["steps"] if "run" in step][-1] == ".ci/run"
    versions = job["strategy"]["matrix"]["python"]
    assert versions[0] == SETTINGS["project"]["requires-python"].removeprefix(">=")
    assert all(isinstance(version, str) for version in versions)


@pytest.mark.parametrize("word", ["make test\n", "make test-long\n", "--strict-skips"])
def test_ci_runs_both_commands_with_strict_skips(word: str) -> None:
    assert word in (ROOT / ".ci/run").read_text()


def test_what_is_missing_and_cannot_be_had_is_told(tmp_path: Path) -> None:
    """Without apt-get on the path the script ends in one line, before it installs anything."""
    for program in ("bash", "env", "dirname"):
        found = next(p for p in map(Path, ("/bin", "/usr/bin")) if (p / program).exists())
        (tmp_path / program).symlink_to(found / program)
    done = subprocess.run(
        [str(ROOT / ".ci/packages")], env={"PATH": str(tmp_path)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "chromium chromium-driver" in done.stderr
    assert "apt-get" in done.stderr

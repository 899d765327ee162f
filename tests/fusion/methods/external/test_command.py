"""Somebody's program as a fusion method: run, checked, logged, stopped."""

import os
import sys
import textwrap
import time

import numpy as np
import pytest

from fusion.methods.base import registry
from pipeline.images.pixels import read_rgb, write_png
from pipeline.stage.errors import UserError

RNG = np.random.default_rng(5)
NAMES = ["a", "b"]

COPY = """
    import sys
    from pathlib import Path
    from PIL import Image
    ir, vi, out = map(Path, sys.argv[1:4])
    for path in vi.iterdir():
        rgb = Image.open(path).convert("RGB")
        assert rgb.size == Image.open(ir / path.name).size
        rgb.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(out / path.name)
    print("fused all of", vi.parent.name)
"""


@pytest.fixture
def run(tmp_path):
    """`run(script, **params)` writes a Python script, runs it as a method on two pairs."""
    split = tmp_path / "a b" / "test"  # a space: paths must reach the program whole
    for name in NAMES:
        write_png(split / "ir" / f"{name}.png", RNG.integers(0, 256, (4, 6), dtype=np.uint8))
        write_png(split / "vi" / f"{name}.png", RNG.integers(0, 256, (4, 6, 3), dtype=np.uint8))

    def run_script(script, line="{python} {script} {{ir}} {{vi}} {{out}}", **params):
        path = tmp_path / "fuse.py"
        path.write_text(textwrap.dedent(script))
        line = line.format(python=sys.executable, script=path)
        method = registry.create("command", run=line, **params)
        out, log = tmp_path / "fused" / "test", tmp_path / "logs" / "test.log"
        assert method.fuse_split(split / "ir", split / "vi", NAMES, out, log) is None
        return split, out, log

    return run_script


def left_over(tmp_path):
    return [path for path in (tmp_path / "fused").rglob("*") if path.name != "test"]


@pytest.mark.parametrize("shell", [False, True])
def test_runs_and_takes_the_images(run, shell):
    split, out, log = run(COPY, shell=shell)
    assert sorted(path.name for path in out.iterdir()) == ["a.png", "b.png"]
    for name in NAMES:
        flipped = read_rgb(split / "vi" / f"{name}.png")[:, ::-1]
        np.testing.assert_array_equal(read_rgb(out / f"{name}.png"), flipped)
    assert log.read_text() == "fused all of test\n"
    assert list(out.parent.iterdir()) == [out]


def test_environment_and_working_folder(run, tmp_path, monkeypatch):
    monkeypatch.setenv("INHERITED", "yes")
    (tmp_path / "work").mkdir()
    said = 'import os; print(os.environ["INHERITED"], os.environ["MODE"], os.getcwd())'
    *_, log = run(textwrap.dedent(COPY) + said, env={"MODE": "fast"}, cwd=tmp_path / "work")
    assert log.read_text().splitlines()[1] == f"yes fast {tmp_path / 'work'}"


def test_no_shell_unless_asked(run, tmp_path):
    line = "{python} {script} {{ir}} {{vi}} {{out}} ; touch " + str(tmp_path / "touched")
    run(COPY, line=line)
    assert not (tmp_path / "touched").exists()
    run(COPY, line=line, shell=True)
    assert (tmp_path / "touched").exists()


def test_other_braces_are_the_programs_own(run):
    line = "{python} {script} {{ir}} {{vi}} {{out}} '{{\"levels\": 3}}'"
    *_, log = run(textwrap.dedent(COPY) + "print(sys.argv[4])", line=line)
    assert log.read_text().splitlines()[-1] == '{"levels": 3}'


def test_failure_shows_the_last_lines(run, tmp_path):
    with pytest.raises(UserError) as caught:
        run("for i in range(100): print('line', i)\nraise SystemExit(7)")
    message = str(caught.value)
    assert "failed with exit code 7" in message
    assert message.splitlines()[1:] == [f"  line {i}" for i in range(95, 100)]
    assert str(tmp_path / "logs" / "test.log") in message
    assert len((tmp_path / "logs" / "test.log").read_text().splitlines()) == 100
    assert left_over(tmp_path) == []


def test_standard_error_is_logged_too(run):
    with pytest.raises(UserError, match="ValueError: no weights"):
        run("raise ValueError('no weights')")


def test_no_such_program(run):
    with pytest.raises(UserError, match=r"no-such-program .*cannot be started"):
        run(COPY, line="no-such-program {{ir}} {{vi}} {{out}}")


def test_missing_and_wrong_outputs(run, tmp_path):
    script = """
        import sys
        from PIL import Image
        print("done")
        Image.new("RGB", (3, 3), (1, 2, 3)).save(sys.argv[3] + "/b.png")
    """
    with pytest.raises(
        UserError, match=r"1 missing \(a\); 1 of wrong size \(b \[3x3, pair 6x4\]\)"
    ):
        run(script)
    log = (tmp_path / "logs" / "test.log").read_text().splitlines()
    assert log == ["done", "a: missing", "b: of wrong size [3x3, pair 6x4]"]
    assert left_over(tmp_path) == []


def test_stopped_at_the_time_limit_with_its_children(run, tmp_path):
    script = f"""
        import subprocess, sys, time
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        with open({str(tmp_path / "child")!r}, "w") as file:
            file.write(str(child.pid))
        print("waiting", flush=True)
        time.sleep(600)
    """
    with pytest.raises(UserError, match=r"stopped after the timeout of 3 s(.|\n)*waiting"):
        run(script, timeout=3)
    child = int((tmp_path / "child").read_text())
    assert ended(child)
    assert left_over(tmp_path) == []


def ended(pid):
    """Whether the process is gone within ten seconds; a zombie that nobody reaps counts as gone."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
            with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
                if file.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.1)
    return False

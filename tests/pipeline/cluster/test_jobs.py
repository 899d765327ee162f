"""`python -m pipeline.run --jobs` on a small graph of shell stages, in DVC's own hands."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from clone_case import ROOT, TINY, environment

from pipeline.cluster import graph

pytestmark = pytest.mark.slow

MEET = "touch met-{0}; for i in $(seq 600); do [ -f met-{1} ] && break; sleep 0.1; done"
"""A stage that ends well only if the other one is at work at the same time."""
SHARE = "mkdir -p at_work; touch at_work/{0}; sleep 1; ls at_work > {0}; rm at_work/{0}"
"""A stage that writes who is at work."""


def stages(broken: bool = False) -> dict:
    """`a` and `b` beside each other, `measure_cost@x` alone, `c` after `a`, `d` after all."""
    made = {
        name: {"cmd": SHARE.format(name), "outs": [name], "deps": deps}
        for name, deps in (("a", ["start"]), ("b", ["start"]), ("c", ["a"]))
    }
    for one, other in (("a", "b"), ("b", "a")):
        made[one]["cmd"] = [MEET.format(one, other), f"test -f met-{other}", made[one]["cmd"]]
    cost = {"cmd": SHARE.format("cost-${key}"), "outs": ["cost-${key}"], "deps": ["start"]}
    made["measure_cost"] = {"foreach": {"x": {}}, "do": cost}
    made["d"] = {"cmd": "cat a b c cost-x > d", "outs": ["d"], "deps": ["a", "b", "c", "cost-x"]}
    made["gpus"] = {"cmd": "echo $CUDA_VISIBLE_DEVICES $OMP_NUM_THREADS > gpus", "outs": ["gpus"]}
    if broken:
        made["a"]["cmd"] = "touch met-a; echo 'error: a: it cannot be' >&2; exit 2"
    return {"stages": made}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for command in (["git", "init", "--quiet"], ["dvc", "init", "--quiet"]):
        subprocess.run(command, cwd=tmp_path, env=environment(), check=True)
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(TINY))
    (tmp_path / "dvc.yaml").write_text(yaml.safe_dump(stages()))
    (tmp_path / "start").write_text("start\n")
    return tmp_path


def run(project: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess:
    env = environment() | {"PYTHONPATH": str(ROOT), "TMPDIR": str(project)} | more
    return subprocess.run(
        [sys.executable, "-m", "pipeline.run", *arguments], cwd=project, env=env, text=True,
        capture_output=True, check=False,
    )  # fmt: skip


def test_stages_side_by_side_and_cost_alone(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = run(project, "--jobs", "2", CUDA_VISIBLE_DEVICES="4,7", OMP_NUM_THREADS="3")
    assert told.returncode == 0, told.stdout + told.stderr
    assert (project / "cost-x").read_text().split() == ["cost-x"]
    assert (project / "gpus").read_text().split() in (["4", "3"], ["7", "3"])
    assert "6 ran" in told.stdout
    status = subprocess.run(
        ["dvc", "status", "--json"], cwd=project, env=environment(), capture_output=True, check=True
    )
    assert json.loads(status.stdout) == {}
    assert json.loads((project / "logs/stage-seconds.json").read_text()).keys() == {
        "a", "b", "c", "d", "gpus", "measure_cost@x",
    }  # fmt: skip
    assert "d: ran" in (project / "logs/run.log").read_text()
    again = run(project, "--jobs", "2")
    assert again.stdout.startswith("6 unchanged")
    (project / "start").write_text("another\n")
    monkeypatch.chdir(project)
    tasks, up_to_date = graph.read()
    before = ("a", "b", "c", "measure_cost@x")
    assert (len(tasks), up_to_date) == (5, ["gpus"])
    assert tasks[-1] == graph.Task("d", before, before)


def test_a_stage_that_fails_stops_only_what_needs_it(project: Path) -> None:
    (project / "dvc.yaml").write_text(yaml.safe_dump(stages(broken=True)))
    told = run(project, "--jobs", "2")
    assert told.returncode == 1
    rows = {line.split()[0]: line for line in told.stdout.splitlines() if line.strip()}
    assert "failed" in rows["a"]
    assert "a: it cannot be" in rows["a"]
    assert "not run" in rows["c"]
    assert "not run" in rows["d"]
    assert "ran" in rows["b"]
    assert (project / "b").is_file()
    assert not (project / "c").exists()
    (project / "dvc.yaml").write_text(yaml.safe_dump(stages()))
    healed = run(project, "--jobs", "2")
    assert healed.returncode == 0
    assert "3 ran" in healed.stdout


def test_what_cannot_be_is_one_line(project: Path) -> None:
    for arguments, line in (
        (["--jobs", "0"], "error: --jobs 0: allowed is 1 or more"),
        (["--gpus", "9"], "error: --gpus 9: no GPU 9 here; there are 4,7"),
    ):
        told = run(project, *arguments, CUDA_VISIBLE_DEVICES="4,7")
        assert (told.returncode, told.stderr.strip()) == (2, line)
    lock = os.open(project / ".dvc/tmp/pipeline-run.lock", os.O_RDWR | os.O_CREAT)
    import fcntl

    fcntl.flock(lock, fcntl.LOCK_EX)
    told = run(project)
    os.close(lock)
    assert told.returncode == 2
    assert told.stderr.count("\n") == 1
    assert "another python -m pipeline.run works in this folder" in told.stderr
    (project / "dvc.yaml").write_text("stages: {a: {cmd: [1}}")
    told = run(project)
    assert (told.returncode, told.stderr.count("\n")) == (2, 1)
    assert told.stderr.startswith("error: dvc.yaml: ")


def test_without_the_extra_it_says_how_to_get_it(project: Path) -> None:
    script = (
        "import importlib.util as util; found = util.find_spec\n"
        "util.find_spec = lambda name: None if name == 'distributed' else found(name)\n"
        "from pipeline.run import main; main([])"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=project, text=True, capture_output=True, check=False,
        env=environment() | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert told.returncode == 2
    assert "pip install -e '.[cluster]'" in told.stderr

"""docs/adding-a-method.md: do what it says, in a copy of the project."""

import json
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import generic_filter

from fusion.methods.base import registry
from pipeline.images.pixels import read_rgb, write_png

ROOT = Path(__file__).resolve().parents[3]
DOC = (ROOT / "docs" / "adding-a-method.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^( *)```(python|yaml)\n(.*?)^ *```$", DOC, re.MULTILINE | re.DOTALL)
PYTHON = [textwrap.dedent(text) for _, language, text in BLOCKS if language == "python"]
ENTRIES = [text.strip() for _, language, text in BLOCKS if language == "yaml"]

USE = """
import json, sys
import torch
from fusion.methods.base import registry
from pipeline import params
methods = params.load().fusion.methods
spec = methods[sys.argv[1]]
method = registry.create(spec.type or sys.argv[1], **spec.own)
ir, y = (torch.tensor(image)[None, None] for image in json.load(sys.stdin))
print(json.dumps(method(ir, y.expand(1, 3, -1, -1))[0, 0].tolist()))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project that has been told of the method, the folder and the program."""
    copy = tmp_path_factory.mktemp("project")
    for room in ("fusion", "pipeline"):
        shutil.copytree(ROOT / room, copy / room, ignore=shutil.ignore_patterns("__pycache__"))
    name = re.search(r"`(fusion/methods/\w+\.py)`", DOC)
    assert name is not None
    (copy / name[1]).write_text(PYTHON[0])
    (copy / "my_fuse.py").write_text(PYTHON[1])
    entries = "".join(f"    {entry}\n" for entry in ENTRIES)
    before = (ROOT / "params.yaml").read_text()
    (copy / "params.yaml").write_text(before.replace("  methods:\n", f"  methods:\n{entries}"))
    return copy


def use(project: Path, name: str, *images: np.ndarray) -> np.ndarray:
    """What the copy's method `name` makes of the luminances."""
    done = subprocess.run(
        [sys.executable, "-c", USE, name],
        cwd=project,
        input=json.dumps([image.tolist() for image in images]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return np.array(json.loads(done.stdout))


def test_a_method_takes_less_than_30_lines():
    assert len(PYTHON[0].splitlines()) + len(ENTRIES[0].splitlines()) < 30
    assert len(PYTHON) == 2 and len(ENTRIES) == 4


@pytest.mark.parametrize(("name", "radius"), [("contrast", 5), ("contrast_fine", 1)])
def test_the_method_does_what_it_says(project, name, radius):
    """Windows cut off at the border: NaN beyond it, left out of the means."""
    images = np.random.default_rng(1).random((2, 9, 13))

    def mean(image):
        side = 2 * radius + 1
        return generic_filter(image, np.nanmean, side, mode="constant", cval=np.nan)

    weights = [mean((image - mean(image)) ** 2) + 1e-6 for image in images]
    truth = (weights[0] * images[0] + weights[1] * images[1]) / (weights[0] + weights[1])
    np.testing.assert_allclose(use(project, name, *images), truth, rtol=0, atol=1e-5)


def test_the_program_does_what_it_says(project, monkeypatch):
    monkeypatch.chdir(project)
    # `python` is the interpreter at hand, with the libraries of the tests.
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    rng = np.random.default_rng(2)
    ir = rng.integers(0, 256, (5, 7), dtype=np.uint8)
    vis = rng.integers(0, 256, (5, 7, 3), dtype=np.uint8)
    write_png("test/ir/one.png", ir)
    write_png("test/vi/one.png", vis)
    command = re.fullmatch(r'mine: {type: command, run: "(.*)"}', ENTRIES[3])
    assert command is not None
    method = registry.create("command", run=command[1])
    folders = Path("test/ir"), Path("test/vi")
    assert method.fuse_split(*folders, ["one"], Path("fused/test"), Path("log.txt")) is None
    blend = 0.6 * vis + 0.4 * ir[..., None]
    assert np.abs(read_rgb("fused/test/one.png") - blend).max() <= 1


def test_the_entries_are_valid_params(project):
    from pipeline import params

    methods = params.load(project / "params.yaml").fusion.methods
    (project / "results" / "SeAFusion").mkdir(parents=True)
    assert methods["seafusion"].type == "precomputed"
    registry.create("precomputed", path=project / methods["seafusion"].own["path"])

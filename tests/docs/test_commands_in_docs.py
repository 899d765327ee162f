"""Every command line that the docs show is run by a test, or says why not."""

import ast
import shlex
import shutil
import sys
from pathlib import Path

import clone_case
import numpy as np
import pytest
import yaml
from docs_pages import PAGES, ROOT, commands, text
from safetensors.torch import save_file
from scipy import ndimage

import fusion
from pipeline.images.pixels import write_png
from pipeline.images.whole import write_json

KNOWN = yaml.safe_load((Path(__file__).parent / "commands.yaml").read_text())
MODULES = {"ivif-fuse": "fusion.fuse_images", "ivif-metrics": "fusion.judge_images"}
MEANT = {"FUSED…": ["fused", "SeAFusion"], "NAME": ["demo"]}
"""Words of the docs that the reader replaces."""


def test_every_command_of_the_docs_is_accounted_for_once() -> None:
    shown = {command for page in PAGES for command in commands(page)}
    listed = [*KNOWN["run"], *KNOWN["tests"], *KNOWN["reasons"]]
    assert shown - set(listed) == set(), "shown, but no word on what proves it"
    assert set(listed) - shown == set(), "listed, but no page shows it"
    assert len(set(listed)) == len(listed)


def test_the_tests_that_run_commands_are_there() -> None:
    for place in KNOWN["tests"].values():
        file, _, name = place.partition("::")
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, place


def drawn(seed: int, channels: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=(64, 80, channels))
    smooth = ndimage.gaussian_filter(noise, (2, 2, 0))
    return (255 * (smooth - smooth.min()) / np.ptp(smooth)).astype(np.uint8).squeeze()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with a pair of images, folders of pairs, fused ones and a trained network."""
    clone = clone_case.make_clone(tmp_path_factory.mktemp("docs"))
    for name, seed, channels in (("IR", 0, 1), ("VIS", 1, 3), ("fused", 2, 3), ("SeAFusion", 3, 3)):
        for path in (f"{name}/a.png", f"{name}.png"):
            write_png(clone / path, drawn(seed, channels))
    own = {"width": 16, "init_width": 16, "kernels": [3], "groups": 8}
    network = fusion.create("lkc_funet", **own)
    folder = clone / "artifacts/fusion/lkc_funet"
    write_json(folder / "config.json", own | {"type": "lkc_funet", "training": None})
    save_file(network.state_dict(), folder / "model.safetensors")
    return clone


def words(command: str) -> list[str]:
    """The command as this interpreter runs it, the reader's words replaced."""
    program, *rest = shlex.split(command)
    given = [word for one in rest for word in MEANT.get(one, [one])]
    if program in MODULES:
        return [sys.executable, "-m", MODULES[program], *given]
    return [sys.executable if program == "python" else program, *given]


@pytest.mark.slow
@pytest.mark.parametrize("command", KNOWN["run"])
def test_the_command_runs(project: Path, command: str) -> None:
    clone_case.run(project, *words(command))


@pytest.mark.slow
def test_the_programs_of_getting_started_run(project: Path) -> None:
    page = text("docs/getting-started.md")
    blocks = [part.split("```")[0] for part in page.split("```python\n")[1:]]
    assert blocks
    for block in blocks:
        clone_case.run(project, sys.executable, "-c", block)


@pytest.mark.slow
def test_the_programs_are_those_of_this_environment() -> None:
    path = clone_case.environment()["PATH"]
    for program in ("dvc", "ivif-fuse", "ivif-metrics", "ivif-segment"):
        assert shutil.which(program, path=path) is not None, program

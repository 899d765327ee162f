"""What is built from the project works where the project is not."""

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import ndimage

from fusion.metrics import NAMES
from pipeline.images.pixels import read_rgb, write_png

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("pipeline", "fusion", "segmentation")
COMMANDS = ("ivif-fuse", "ivif-metrics", "ivif-segment")


def run(*command: object, cwd: Path, **environment: str) -> str:
    """Output of a command that must succeed, in an environment without our search path."""
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | environment
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


def in_git() -> set[str]:
    """Files of the packages that git knows."""
    listed = run("git", "ls-files", *PACKAGES, cwd=ROOT).splitlines()
    return {name for name in listed if (ROOT / name).is_file()}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the source distribution, and the wheel that was built from it."""
    copy, out = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("dist")
    files = run("git", "ls-files", "-z", cwd=ROOT).split("\0")
    for name in filter(None, files):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, copy, cwd=out)
    return out


def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A folder outside the project with a pair of images."""
    smooth = ndimage.gaussian_filter(np.random.default_rng(0).normal(size=(4, 60, 80)), (0, 3, 3))
    levels = (255 * (smooth - smooth.min()) / np.ptp(smooth)).astype(np.uint8)
    write_png(tmp_path / "ir.png", levels[0])
    write_png(tmp_path / "vis.png", levels[1:].transpose(1, 2, 0))
    return tmp_path


def use(folder: Path, fuse: list[object], metrics: list[object], **environment: str) -> None:
    """Fuse the pair and judge the fused image."""
    run(*fuse, "ir.png", "vis.png", "--out", "fused", cwd=folder, **environment)
    assert read_rgb(folder / "fused/vis.png").shape == (60, 80, 3)
    options = ("--format", "csv", "--out", "metrics.csv")
    run(*metrics, "ir.png", "vis.png", "fused/vis.png", *options, cwd=folder, **environment)
    table = pd.read_csv(folder / "metrics.csv")
    assert tuple(table) == ("fused", "name", *NAMES)
    assert table.notna().all(axis=None)


@pytest.mark.slow
def test_the_wheel_has_every_file_of_the_packages_and_no_other(built: Path) -> None:
    with zipfile.ZipFile(wheel(built)) as archive:
        names = set(archive.namelist())
    own = {name for name in names if ".dist-info/" not in name}
    assert own == in_git()
    (points,) = (name for name in names if name.endswith("entry_points.txt"))
    text = zipfile.ZipFile(wheel(built)).read(points).decode()
    for command in COMMANDS:
        assert f"{command} = " in text


@pytest.mark.slow
def test_the_source_distribution_holds_what_a_run_needs(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert in_git() <= names
    assert {"dvc.yaml", "params.yaml", "presets/demo.yaml", "Makefile", "LICENSE"} <= names
    assert {"CITATION.cff", "CHANGELOG.md", "tests/conftest.py", "docs/results.md"} <= names


@pytest.mark.slow
def test_the_wheel_alone_fuses_and_judges(built: Path, images: Path, tmp_path: Path) -> None:
    """Unpacked in a place of its own, beside the libraries of this environment."""
    alone = tmp_path / "alone"
    with zipfile.ZipFile(wheel(built)) as archive:
        archive.extractall(alone)
    where = run(sys.executable, "-c", "import fusion; print(fusion.__file__)", cwd=images,
                PYTHONPATH=str(alone))  # fmt: skip
    assert Path(where.strip()).is_relative_to(alone)
    module = [sys.executable, "-m"]
    use(images, [*module, "fusion.fuse_images"], [*module, "fusion.judge_images"],
        PYTHONPATH=str(alone))  # fmt: skip


def lend_pytorch(place: Path, shelf: Path) -> Path:
    """Let the environment see this one's PyTorch, 5 GB with what it brings for GPUs; its packages.

    Pip finds it installed; everything else it fetches.
    """
    shelf.mkdir()
    for found in metadata.distributions():
        name = found.metadata["Name"].lower()
        if name in ("torch", "torchvision", "triton") or name.startswith(("nvidia-", "cuda-")):
            tops = {Path(file).parts[0] for file in found.files or ()} - {".."}
            for top in sorted(tops - {file.name for file in shelf.iterdir()}):
                (shelf / top).symlink_to(Path(found.locate_file(top)).resolve())
    (packages,) = place.glob("lib/python*/site-packages")
    (packages / "lent.pth").write_text(f"{shelf}\n", encoding="utf-8")
    return packages


@pytest.mark.long
def test_the_wheel_in_a_bare_environment(built: Path, images: Path, tmp_path: Path) -> None:
    """Installed by pip with all it needs, in an environment that has PyTorch and nothing else."""
    place = tmp_path / "bare"
    venv.create(place, with_pip=True)
    packages = lend_pytorch(place, tmp_path / "shelf")
    pip = (place / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*pip, "-c", ROOT / "constraints.txt", wheel(built), cwd=images)
    assert (packages / "numpy").is_dir()
    assert not (packages / "torch").exists()
    for name in COMMANDS:
        assert f"Usage: {name} " in run(place / "bin" / name, "--help", cwd=images)
    use(images, [place / "bin/ivif-fuse"], [place / "bin/ivif-metrics"])

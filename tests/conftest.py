"""Fixtures that several test files share."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from strict_skips import (  # noqa: F401
    pytest_addoption,
    pytest_make_collect_report,
    pytest_runtest_makereport,
)

ROOT = Path(__file__).resolve().parent.parent


def _shared(name: str) -> Path:
    folder = Path(os.environ.get("IVIF_SHARED", ROOT.parent / "shared")) / name
    if not folder.is_dir():
        pytest.skip(f"no {name} folder; set IVIF_SHARED to the folder that has it")
    return folder


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real images (MSRS subset and others); tests skip where it is absent."""
    return _shared("data")


@pytest.fixture(scope="session")
def shared_golden() -> Path:
    """Folder of reference values, see its README.md."""
    return Path(__file__).parent / "golden"


@pytest.fixture(scope="session")
def shared_forward() -> Path:
    """One forward of the released network on a real image pair; tests skip where it is absent."""
    return _shared("golden") / "lkc_funet_forward.npz"


@pytest.fixture
def inside(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The test file's own `project`, a folder where stages have run, as the working directory."""
    monkeypatch.chdir(project)
    return project


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 64 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a small file system takes root")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.fixture
def tiny_dataset(tmp_path: Path) -> Path:
    """Root of 3 train and 2 test pairs, 40x32, nine classes, in the layout MSRS ships."""
    root, rng = tmp_path / "msrs", np.random.default_rng(0)
    for split, names in (("train", "00001D 00002N 00003D"), ("test", "00004N 00005D")):
        for name in names.split():
            label = rng.integers(0, 9, (4, 5), dtype=np.uint8).repeat(8, axis=0).repeat(8, axis=1)
            images = {
                "ir": rng.integers(0, 256, (32, 40), dtype=np.uint8),
                "vi": rng.integers(0, 256, (32, 40, 3), dtype=np.uint8),
                "Segmentation_labels": label,
            }
            for kind, pixels in images.items():
                folder = root / split / kind
                folder.mkdir(parents=True, exist_ok=True)
                Image.fromarray(pixels).save(folder / f"{name}.png")
    return root


@pytest.fixture(scope="module")
def chromium() -> Iterator:
    """A selenium driver of Chromium without a window; tests skip where it is not installed."""
    programs = shutil.which("chromium"), shutil.which("chromedriver")
    if None in programs:
        pytest.skip("no chromium and chromedriver here; on Debian: chromium, chromium-driver")
    from selenium import webdriver

    from pipeline.report.docs import CHROMIUM

    options = webdriver.ChromeOptions()
    options.binary_location = programs[0]
    for option in CHROMIUM:
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(programs[1]))
    yield driver
    driver.quit()

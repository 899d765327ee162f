"""The house as files: stages are no libraries, folders are small, tests lie where code lies."""

import tomllib
from itertools import permutations
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("pipeline", "fusion", "segmentation")
MOST = 14
"""Modules side by side in one folder: about a dozen."""


def modules() -> list[Path]:
    """Every module of the project, by its path below the root."""
    found = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    return [file.relative_to(ROOT) for file in found if file.name != "__init__.py"]


def folders() -> dict[Path, list[str]]:
    """Names of the modules in each folder."""
    names: dict[Path, list[str]] = {}
    for module in modules():
        names.setdefault(module.parent, []).append(module.stem)
    return names


def test_what_a_person_runs_is_protected_from_imports():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (protected,) = [
        one["protected_modules"] for one in contracts["contracts"] if one["type"] == "protected"
    ]
    runnable = {
        ".".join(file.with_suffix("").parts)
        for file in modules()
        if '\nif __name__ == "__main__":' in (ROOT / file).read_text()
    }
    assert runnable - set(protected) <= {"fusion.ablations.__main__"}
    assert set(protected) <= runnable


@pytest.mark.parametrize("folder", folders(), ids=str)
def test_a_folder_is_small_and_its_names_differ(folder: Path):
    """`train` beside `training` would be one name for two things; `fuse_images` says more."""
    names = folders()[folder]
    assert len(names) <= MOST
    near = [
        (one, other)
        for one, other in permutations(names, 2)
        if other.startswith(one) and not other.removeprefix(one).startswith("_")
    ]
    assert near == []


def test_tests_lie_where_their_code_lies():
    tests = [folder for folder in (ROOT / "tests").rglob("*") if list(folder.glob("test_*.py"))]
    mirrored = {folder.relative_to(ROOT / "tests") for folder in tests}
    own = {Path("benchmarks"), Path("ci"), Path("end_to_end")}
    assert [str(folder) for folder in mirrored - own if not (ROOT / folder).is_dir()] == []

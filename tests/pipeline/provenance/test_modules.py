"""Which modules count for a stage: all that it imports, however, less what changes no result."""

import sys
from pathlib import Path

import pytest

from pipeline.params import Params
from pipeline.provenance import inputs, modules
from pipeline.provenance.stages import MODULES
from pipeline.results import paths


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package `house` whose `stage` imports in every way there is."""
    folder = tmp_path / "house"
    (folder / "parts").mkdir(parents=True)
    for name, content in {
        "__init__.py": "",
        "stage.py": "from house.parts import absolute\nfrom . import relative\n"
        "from typing import TYPE_CHECKING\n"
        "def main():\n    from .parts.lazy import work\n"
        "if TYPE_CHECKING:\n    from house import types\n",
        "relative.py": "from .deep import value\n",
        "deep.py": "value = 1\n",
        "types.py": "",
        "other.py": "",
        "parts/__init__.py": "",
        "parts/absolute.py": "",
        "parts/lazy.py": "def work(): ...\n",
        ".stage.py.swp": "",
    }.items():
        (folder / name).write_text(content)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(modules, "PACKAGES", ("house",))
    modules._graph.cache_clear()
    yield folder
    modules._graph.cache_clear()


def test_imports_of_every_kind_count(package: Path):
    assert modules.closure("house.stage") == [
        "house", "house.deep", "house.parts", "house.parts.absolute", "house.parts.lazy",
        "house.relative", "house.stage",
    ]  # fmt: skip


def test_what_is_declared_silent_does_not_count(package: Path, monkeypatch):
    monkeypatch.setattr(modules, "UNCOUNTED", ("house.parts",))
    assert modules.closure("house.stage") == [
        "house", "house.deep", "house.relative", "house.stage",
    ]  # fmt: skip


def test_files_are_found_without_importing_anything(package: Path):
    found = modules.files(modules.closure("house.stage"))
    assert package / "parts/lazy.py" in found and package / "parts/__init__.py" in found
    assert not any(name.partition(".")[0] == "house" for name in sys.modules)


def test_data_files_beside_a_module_count_when_declared(package: Path, monkeypatch):
    (package / "parts/table.csv").write_text("1\n")
    (package / "parts/notes.txt").write_text("1\n")
    monkeypatch.setattr(modules, "DATA", {"house.parts": "*.csv"})
    found = modules.files(modules.closure("house.stage"))
    assert {file.name for file in found if file.suffix != ".py"} == {"table.csv"}


def test_a_stage_is_not_tied_to_what_it_does_not_import():
    of_fusion = set(modules.closure(MODULES["train_fusion"]))
    assert not any(name.startswith("segmentation") for name in of_fusion)
    assert not any(name.startswith(("pipeline.params", "pipeline.report")) for name in of_fusion)
    # Methods are looked up by name: each counts where its entry is.
    assert "fusion.methods.laplacian" not in of_fusion
    assert "pipeline.training.loop" in of_fusion
    assert "fusion/methods/lkc_funet/mpafm.py" in modules.method_hashes("lkc_funet")
    assert "fusion/methods/lkc_funet_lite/loss.py" in modules.method_hashes("lkc_funet_lite")
    assert modules.method_hashes("nowhere") == {}


def test_weights_in_the_box_count_for_entries_that_ask_for_them(tmp_path, monkeypatch):
    """Not as code: an entry that trains its own must not train again when the box changes."""
    monkeypatch.chdir(tmp_path)
    box = modules.weights_in_the_box("lkc_funet_lite")
    assert box is not None and box.name == "pretrained.safetensors"
    assert modules.weights_in_the_box("laplacian") is None
    assert not any("pretrained" in file for file in modules.method_hashes("lkc_funet_lite"))
    methods = {"own": {"type": "lkc_funet_lite"}, "boxed": {"type": "lkc_funet_lite"}}
    methods["boxed"]["weights"] = "pretrained"
    inputs.link_all(Params.model_validate({"fusion": {"methods": methods}}))
    assert (paths.INPUTS / "methods/boxed").resolve() == box.resolve()
    assert (paths.INPUTS / "methods/own").read_text() == inputs.NONE

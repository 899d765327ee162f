"""Links to what lies outside: to the right files, or one line that names the key."""

from pathlib import Path

import pytest

from pipeline.params import Params
from pipeline.provenance import inputs
from pipeline.results import paths
from pipeline.stage.errors import UserError

RUN = "python theirs/fuse.py --weights theirs/net.pth --ir {ir} --vi {vi} --out {out}"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project beside somebody's program of three files."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "theirs").mkdir()
    for name in ("fuse.py", "net.pth", "layers.py"):
        (tmp_path / "theirs" / name).write_text(name)
    return tmp_path


def link(entry: dict, **sections: object) -> Path:
    """Where the inputs of a method with this entry are linked."""
    inputs.link_all(Params.model_validate({"fusion": {"methods": {"mine": entry}}} | sections))
    return paths.INPUTS / "methods/mine"


def test_a_method_of_our_own_has_nothing_outside(project: Path):
    assert link({"type": "average"}).read_text() == inputs.NONE


def test_of_a_command_the_files_that_it_names_count(project: Path):
    found = link({"type": "command", "run": RUN})
    named = {project / "theirs/fuse.py", project / "theirs/net.pth"}
    assert {file.resolve() for file in found.iterdir()} == named


def test_of_a_command_a_watched_folder_counts_whole(project: Path):
    found = link({"type": "command", "run": RUN, "watch": "theirs"})
    assert found.resolve() == project / "theirs"
    assert (found / "layers.py").is_file()


def test_links_are_made_anew(project: Path):
    link({"type": "command", "run": RUN})
    assert link({"type": "precomputed", "path": "theirs"}).resolve() == project / "theirs"
    assert link({"type": "average"}).read_text() == inputs.NONE


@pytest.mark.parametrize(
    ("entry", "key"),
    [
        ({"type": "precomputed", "path": "nowhere"}, "fusion.methods.mine.path"),
        ({"type": "lkc_funet", "weights": "nowhere"}, "fusion.methods.mine.weights"),
        ({"type": "command", "run": RUN, "watch": "nowhere"}, "fusion.methods.mine.watch"),
    ],
)
def test_what_is_not_there_is_named(project: Path, entry: dict, key: str):
    with pytest.raises(UserError, match=f"^{key}: nowhere: no such file or folder$"):
        link(entry)


def test_a_data_root_that_is_not_there_is_named(project: Path):
    with pytest.raises(UserError, match=r"^data\.root: nowhere: no such file or folder$"):
        link({"type": "average"}, data={"dataset": "folder", "root": "nowhere"})

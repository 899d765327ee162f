"""A folder is written whole or not at all."""

from pathlib import Path

import pytest

from pipeline.images.whole import whole_folder


def test_an_error_leaves_the_old_folder(tmp_path: Path):
    target = tmp_path / "data/demo"
    with whole_folder(target) as folder:
        (folder / "a").write_text("first")
    with pytest.raises(KeyboardInterrupt), whole_folder(target) as folder:
        (folder / "b").write_text("half")
        raise KeyboardInterrupt
    assert [p.name for p in target.iterdir()] == ["a"]
    with whole_folder(target) as folder:
        (folder / "c").write_text("second")
    assert [p.name for p in target.iterdir()] == ["c"]
    assert [p.name for p in target.parent.iterdir()] == ["demo"]


def test_leftovers_of_a_killed_run_are_removed(tmp_path: Path):
    leftover = tmp_path / "data/.demo.partial-abc/new"
    leftover.mkdir(parents=True)
    with whole_folder(tmp_path / "data/demo") as folder:
        (folder / "a").write_text("x")
    assert [p.name for p in (tmp_path / "data").iterdir()] == ["demo"]

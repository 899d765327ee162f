"""Which files count as images, and what happens to two of one name."""

from pathlib import Path

import pytest

from pipeline.images import listing
from pipeline.stage.errors import UserError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.BMP", "a.png", "._a.png", ".hidden.jpg", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "c.png").mkdir()
    return tmp_path


def test_hidden_files_folders_and_other_files_are_no_images(folder: Path):
    assert listing.images(folder) == {"a": folder / "a.png", "b": folder / "b.BMP"}
    assert list(listing.by_name(folder)) == ["a", "b"]


def test_strangers_are_what_is_neither_known_nor_hidden(folder: Path):
    known = listing.images(folder).values()
    assert [path.name for path in listing.strangers(folder, known)] == ["c.png", "notes.txt"]


def test_two_images_of_one_name_are_refused(folder: Path):
    (folder / "a.jpg").touch()
    with pytest.raises(UserError, match=r"a\.jpg, a\.png: several images named a"):
        listing.images(folder)
    assert len(listing.by_name(folder)["a"]) == 2

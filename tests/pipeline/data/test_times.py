"""Day and night: by names, by a column, by a list."""

from pathlib import Path

import pytest

from pipeline import prepare
from pipeline.data import pairs, times
from pipeline.params import DataParams
from pipeline.stage.errors import UserError


@pytest.mark.parametrize(
    ("name", "expected"),
    [("00001D", "day"), ("01234N", "night"), ("garden", ""), ("FIND", ""), ("D", ""), ("7", "")],
)
def test_day_and_night_by_name(name: str, expected: str):
    assert times.by_name(name) == expected


def prepared(root: Path, out: Path, **data: object) -> list[str]:
    """Times of the tiny data set's test pairs, 00004N and 00005D, as a folder."""
    given = {"dataset": "folder", "root": root} | data
    table = prepare.build(DataParams.model_validate(given), out)
    written = pairs.read_times(out, "test")["day_night"].tolist()
    assert table.loc[table["split"] == "test", "day_night"].tolist() == written
    return written


@pytest.mark.parametrize("named", [False, True])
def test_folders_say_day_and_night_only_when_asked(tiny_dataset: Path, tmp_path: Path, named: bool):
    expected = ["night", "day"] if named else ["", ""]
    assert prepared(tiny_dataset, tmp_path / "out", day_night=named) == expected


def test_a_column_goes_before_names(tiny_dataset: Path, tmp_path: Path):
    """Other columns do not disturb, nor do pairs of which the table says nothing."""
    file = tmp_path / "times.csv"
    file.write_text("day_night,place,name\nday,A,00004N\n,B,00001D\nnight,C,elsewhere\n")
    assert prepared(tiny_dataset, tmp_path / "out", day_night=True, times=file) == ["day", ""]


def test_a_list_is_of_night_and_the_rest_of_day(tiny_dataset: Path, tmp_path: Path):
    file = tmp_path / "night.txt"
    file.write_text("00005D.png\r\n\n")
    assert prepared(tiny_dataset, tmp_path / "out", times=file) == ["day", "night"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", "name,time\n1,day\n", "columns name, time; allowed are name and day_night"),
        ("t.csv", "name,day_night\n1,day\n2,dusk\n", "line 3: 'dusk'; allowed are day, night"),
        ("t.json", "{}", "allowed are .csv, a table, and .txt"),
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path: Path, name: str, content: str, message: str):
    (tmp_path / name).write_text(content)
    with pytest.raises(UserError, match=message):
        times.read(tmp_path / name)


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(UserError, match=r"data.times: .*night.txt: no such file"):
        times.read(tmp_path / "night.txt")

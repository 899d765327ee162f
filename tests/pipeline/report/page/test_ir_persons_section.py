"""The section on persons that only IR shows, from predictions and labels on disk."""

from dataclasses import replace

import pandas as pd
import pytest
import report_case

from pipeline import params
from pipeline.images.pixels import write_png
from pipeline.params.data import DataParams
from pipeline.report import from_disk
from pipeline.report.page import ir_persons
from pipeline.report.statistics.ir_persons import RULE
from pipeline.results import paths


@pytest.fixture
def found(tmp_path, monkeypatch):
    monkeypatch.chdir(report_case.build(tmp_path))
    return from_disk.load(params.load())


def hide_person(results, image):
    """The person of `report_case` is not labelled, VIS's network does not see it, all others do."""
    whole = report_case.label(report_case.NAMES.index(image))
    empty = whole.copy()
    empty[whole == 2] = 0
    write_png(results.params.data.directory / f"test/label/{image}.png", empty)
    for name in results.segmented:
        evaluated = paths.evaluation("deeplabv3", name)
        write_png(paths.prediction(evaluated, image), empty if name == "vis" else whole)


def test_where_all_persons_are_labelled_there_is_none_and_the_rule_is_told(found):
    section = ir_persons.section(found)
    assert section.words[0] == RULE
    assert section.words[1].startswith("Found: 0 in the 3 test images of night.")
    assert not section.tables and not section.pictures


def test_an_unlabelled_one_is_found_at_night_alone(found):
    for image in ("00001D", "00005N"):
        hide_person(found, image)
    (one,) = ir_persons.search(found)
    assert (one.image, one.where[:4]) == ("00005N", (12, 44, 32, 8))
    section = ir_persons.section(found)
    (row,) = section.tables[0].rows
    assert row.cells["top"].value == 12
    assert not any(column.better for column in section.tables[0].columns)
    assert section.pictures[0].themes["light"].startswith(b"\x89PNG")
    assert "00005N" in section.pictures[0].alt


def test_ten_at_most_are_shown_the_brightest_first(found, monkeypatch):
    for image in ("00004N", "00005N", "00006N"):
        hide_person(found, image)
    monkeypatch.setattr(ir_persons, "SHOWN", 2)
    brighter = [one.where.brighter for one in ir_persons.search(found)]
    assert len(brighter) == 3 and brighter == sorted(brighter, reverse=True)
    section = ir_persons.section(found)
    assert "Found: 3 in the 3 test images of night; the 2 brightest are shown." in section.words[1]
    assert len(section.tables[0].rows) == 2


def test_what_it_takes_is_told_where_it_is_missing(found):
    day = found.test.assign(day_night="day")
    one = ir_persons.section(replace(found, test=pd.DataFrame(day)))
    assert one.words == ("Not looked for: no test image is known to be of night.",)
    data = DataParams(dataset="folder", root="x", classes=("background", "survivor"))
    other = replace(found, params=found.params.model_copy(update={"data": data}))
    assert ir_persons.section(other).words == ("Not looked for: the data set has no class person.",)
    found.segmented.pop("alpha")
    (told,) = ir_persons.section(found).words
    assert told == "Not looked for: it takes results of IR, of VIS and of a fused input."
    assert not ir_persons.section(replace(found, networks={}))

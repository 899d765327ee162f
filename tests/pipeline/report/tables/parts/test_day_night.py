"""Differences to VIS by day and by night, against numbers counted by hand."""

from itertools import product

import numpy as np
import pytest
import report_case

from pipeline import params
from pipeline.report import from_disk
from pipeline.report.statistics import judges
from pipeline.report.tables.parts.day_night import day_night
from pipeline.report.tables.segmentation import headline


@pytest.fixture
def loaded(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    report_case.build(tmp_path)
    return from_disk.load(params.load())


def table_of(results):
    return day_night(results, judges.retrained(results)[0])


def cells_of(results):
    return {row.label: row.cells for row in table_of(results).rows}


def test_differences_are_those_of_the_means_shown(loaded):
    rows = cells_of(loaded)
    for name in ("ir", "alpha"):
        for part in ("day", "night"):
            shown = rows[name][f"miou_{part}"].value - rows["vis"][f"miou_{part}"].value
            assert rows[name][f"delta_vis_{part}"].value == pytest.approx(shown)
    assert rows["vis"]["delta_vis_night"].value is None


def test_the_interval_is_that_of_all_draws_of_three_nights_and_two_seeds(loaded):
    """27 draws of three images times two seeds, each of them counted out by hand."""
    found = cells_of(loaded)["alpha"]["delta_vis_night"]

    def miou(name, seed, images):
        lost = sum(8 * report_case.MISSES[name][seed][index] for index in images)
        things = sum(20 * (20 + index) + 32 * 8 for index in images)
        ground = 3 * report_case.HEIGHT * report_case.WIDTH - things
        person = 1 - lost / (3 * 32 * 8)
        return 100 * (ground / (ground + lost) + 1 + person) / 3

    drawn = [
        miou("alpha", seed, images) - miou("vis", seed, images)
        for images in product((3, 4, 5), repeat=3)
        for seed in (0, 1)
    ]
    ends = np.quantile(drawn, [0.025, 0.975], method="inverted_cdf")
    assert found.interval == pytest.approx(tuple(ends))


def test_with_all_images_by_day_the_difference_is_the_headline_s(loaded):
    loaded.test["day_night"] = "day"
    judge = judges.retrained(loaded)[0]
    whole = {row.label: row.cells for row in headline(loaded, judge).rows}
    found = cells_of(loaded)
    for name in ("ir", "alpha"):
        assert found[name]["delta_vis_day"] == whole[name]["delta_vis"]
    assert [column.key for column in table_of(loaded).columns][-1] == "delta_vis_day"


def test_without_times_there_is_nothing_to_compare(loaded):
    loaded.test["day_night"] = ""
    table = table_of(loaded)
    assert not [column for column in table.columns if column.key.startswith("delta")]
    assert "Δ" not in table.caption

"""*Show the published rows*: what papers print of MSRS, on request and never ranked."""

from pathlib import Path

import pytest
import report_case
import yaml
from browser_case import by, media, size

from pipeline import params
from pipeline.params import Params
from pipeline.report import from_disk
from pipeline.report.__main__ import _known_as
from pipeline.report.page.render import render
from pipeline.report.statistics import judges
from pipeline.report.tables import published
from pipeline.report.tables.segmentation import headline

PRESETS = Path(__file__).resolve().parents[4] / "presets"


@pytest.mark.parametrize(
    ("preset", "count"), [("demo", 0), ("msrs", 35), ("fmb", 13), ("pst900", 0)]
)
def test_a_preset_has_the_rows_of_its_data_set(preset, count):
    chosen = Params.model_validate(yaml.safe_load((PRESETS / f"{preset}.yaml").read_text()))
    assert len(published.rows("6", [_known_as(chosen)])) == count


@pytest.fixture
def shown(tmp_path, monkeypatch, chromium):
    """A page of the headline table alone, on a data set that is called MSRS."""
    monkeypatch.chdir(report_case.build(tmp_path, dataset="msrs"))
    found = from_disk.load(params.load())
    table = headline(found, judges.retrained(found)[0])
    content = {"verdict": "v", "headline": published.beside(table, "6", ["msrs"])}
    words = dict.fromkeys(("title", "facts", "dataset", "made_by", "folder"), "words")
    page = tmp_path / "page.html"
    page.write_text(render(words | content), encoding="utf-8")
    size(chromium, 1280, 900)
    media(chromium, "light")
    chromium.get(page.as_uri())
    return chromium


@pytest.mark.slow
def test_the_toggle_shows_them_with_their_protocol_and_none_is_ranked(shown):
    rows = shown.find_elements("css selector", "#table-segmentation tr.published")
    assert len(rows) == 35 and not any(row.is_displayed() for row in rows)
    measured = "return [...document.querySelectorAll('td.best, td.second')]"
    ranked = shown.execute_script(f"{measured}.map((e) => e.parentElement.className)")
    assert ranked and "published" not in ranked
    by(shown, "input[data-published=table-segmentation]").click()
    assert all(row.is_displayed() for row in rows)
    for row in rows:
        told = row.find_element("css selector", "th small").text
        assert "network: " in told and "training: " in told
    of_banet = next(row.text for row in rows if row.text.startswith("PSFusion"))
    assert "network: BANet (the log is named BiSeNet); training: joint network" in of_banet
    assert "78.78" in of_banet


@pytest.mark.slow
def test_they_stay_below_however_the_table_is_sorted(shown):
    by(shown, "input[data-published=table-segmentation]").click()
    head = by(shown, "#table-segmentation thead th:nth-child(11) button")
    assert head.text == "mIoU"
    for _ in range(2):
        head.click()
        order = shown.execute_script(
            "return [...document.querySelectorAll('#table-segmentation tbody tr')]"
            ".map((row) => [row.className === 'published', row.cells[10].dataset.value])"
        )
        assert [mine for mine, _ in order] == [False] * 3 + [True] * 35
        values = [float(value) for _, value in order[3:]]
        assert values in (sorted(values), sorted(values, reverse=True))

"""Further networks and the network for all inputs in the report."""

import json

import numpy as np
import pandas as pd
import pytest
import report_case

from pipeline import params
from pipeline.params.segmentation import Contrast
from pipeline.report import from_disk
from pipeline.report.__main__ import main
from pipeline.report.figures import places
from pipeline.report.page import orders
from pipeline.report.page.verdict import contrast_sentence
from pipeline.report.statistics import judges
from pipeline.report.statistics.bootstrap import Interval
from pipeline.stage.errors import UserError


@pytest.fixture
def loaded(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    report_case.build(tmp_path)
    report_case.add_judges(tmp_path)
    return from_disk.load(params.load())


def test_the_order_that_a_network_turns_around(loaded):
    """By deeplabv3 alpha, vis, ir; by unet vis, alpha, ir: two pairs of three agree, tau 1/3."""
    found = judges.retrained(loaded)
    assert [judge.title for judge in found] == ["deeplabv3", "unet"]
    section = orders.survival(loaded, found)
    survival, agreement, of_unet = section.tables
    rows = {row.label: row.cells for row in survival.rows}
    assert rows["alpha"]["miou_deeplabv3"].value == rows["vis"]["miou_unet"].value
    (row,) = agreement.rows
    assert row.label == "deeplabv3 – unet"
    assert row.cells["tau"].value == pytest.approx(1 / 3)
    assert row.cells["tau"].interval[0] <= 1 / 3 <= row.cells["tau"].interval[1]
    assert (of_unet.name, len(of_unet.rows)) == ("segmentation_unet", 3)
    names = places.common(found)
    assert places.places(found[1], names) == {"ir": 3, "vis": 1, "alpha": 2}


def test_one_network_for_all_has_its_own_table_with_test_only_inputs(loaded):
    retrained, for_all = judges.retrained(loaded), judges.for_all(loaded)
    table, agreement = orders.for_all(loaded, retrained, for_all).tables
    assert [row.label for row in table.rows] == ["ir", "vis", "alpha", "beta"]
    assert "one deeplabv3 for all inputs" in table.caption
    (row,) = agreement.rows
    assert (row.label, row.cells["tau"].value) == ("deeplabv3 – deeplabv3, one for all", 1)
    assert row.cells["inputs"].value == 3
    assert "beta" not in judges.retrained(loaded)[0].segmented


def test_twins_are_drawn_together(loaded):
    loaded.twins["cluster"] = [0, 0, 1, 2, 2, 5]
    drawn = judges.draws_of(loaded, report_case.NAMES).of_images()
    assert (drawn[:, 0] == drawn[:, 1]).all() and (drawn[:, 3] == drawn[:, 4]).all()
    assert (drawn[:, [0, 2, 3, 5]].sum(axis=1) == 4).all()
    with pytest.raises(UserError, match="strange: evaluated, but no test image"):
        judges.draws_of(loaded, ["strange"])


def test_a_second_network_alone_does_not_make_a_headline(loaded):
    for name in ("ir", "vis", "alpha"):
        del loaded.networks["deeplabv3"][name]
    assert loaded.segmented == {}
    assert [judge.network for judge in judges.retrained(loaded)] == ["unet"]


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (1.2, 3.0, "better by a difference worth having"),
        (-3.0, -1.0, "worse by a difference worth having"),
        (-0.9, 0.8, "no difference worth having"),
        (0.1, 0.9, "no difference worth having"),
        (0.1, 2.0, "better, but perhaps by less than that"),
        (-2.0, -0.1, "worse, but perhaps by less than that"),
        (-0.5, 2.0, "not decided"),
    ],
)
def test_the_primary_contrast_in_words(low, high, said):
    found = Interval((low + high) / 200, low / 100, high / 100, 0.5, ())
    primary = Contrast(input="alpha", against="vis", smallest=1)
    text = contrast_sentence(primary, found)
    assert f"is 1: {said}." in text
    assert f"{low:+.1f} to {high:+.1f}".replace("-", "−") in text


@pytest.mark.slow
def test_the_stage_writes_and_shows_both_sections(tmp_path, loaded, capsys):
    main([])
    page = (tmp_path / "reports/index.html").read_text()
    for title in ("Does the order survive the segmenter?", "One network for all inputs"):
        assert title in page
    frame = pd.read_csv(tmp_path / "reports/tables/one_for_all_deeplabv3.csv")
    assert list(frame["input"]) == ["ir", "vis", "alpha", "beta"]
    assert pd.read_csv(tmp_path / "reports/tables/agreement.csv")["tau"][0] == pytest.approx(1 / 3)
    assert (tmp_path / "reports/figures/places.png").is_file()
    assert "Primary contrast, named before the run: alpha against vis" in capsys.readouterr().out
    summary = json.loads((tmp_path / "metrics/summary.json").read_text())
    assert set(summary["one_for_all_deeplabv3"]) == {"ir", "vis", "alpha", "beta"}
    assert np.isclose(summary["miou"]["alpha"], summary["one_for_all_deeplabv3"]["alpha"])

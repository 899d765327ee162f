"""The page of published numbers: up to date, and right where the answer is known by hand."""

from pathlib import Path

import pytest

from pipeline import published
from pipeline.report.tables.published.numbers import numbers

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def rows():
    return published.msrs()


def test_the_committed_page_is_what_the_command_writes(tmp_path, monkeypatch) -> None:
    """If this fails: `python -m pipeline.published`."""
    monkeypatch.chdir(tmp_path)
    published.main([])
    written = (tmp_path / published.PAGE).read_text(encoding="utf-8")
    assert (ROOT / published.PAGE).read_text(encoding="utf-8") == written


def test_one_printed_mean_is_none(rows) -> None:
    """(97.4 + 82.5 + 60.4 + 62.0 + 41.7 + 52.9 + 56.2 + 46.3 + 53.7) / 9 = 61.46, printed 61.2."""
    (wrong,) = published.misprinted_means(rows).to_dict("records")
    assert (wrong["method"], wrong["miou"]) == ("DDFM", 61.2)
    assert wrong["mean"] == pytest.approx(61.4556, abs=1e-3)


def test_the_report_says_of_the_same_numbers_that_they_are_doubtful(rows) -> None:
    found = numbers()
    marked = found[(found["layout"] == "6") & (found["metric"] == "miou") & (found["note"] != "")]
    wrong = published.misprinted_means(rows)
    assert list(marked["method"]) == list(wrong["method"])
    assert f"{wrong['mean'].iloc[0]:.2f}" in marked["note"].iloc[0]


def test_the_exchanged_cameras_and_the_rows_taken_over_are_found(rows) -> None:
    found = published.repeated(rows)
    pairs = dict(zip(found["method"], found["method_other"], strict=True))
    assert pairs["VIS"] == "VIS as printed under the name IR"
    assert pairs["IR"] == "IR as printed under the name VI"
    assert {"SDNet", "TarDAL", "DeFusion"} <= set(pairs) and "CDDFuse" not in pairs


def test_two_values_of_one_method(rows) -> None:
    found = published.differing(rows).set_index("method")
    assert tuple(found.loc["CDDFuse", ["lowest", "highest"]]) == (62.2, 64.3)
    assert "SDNet" not in found.index and "IR" not in found.index


def test_the_spread_of_the_fused_rows(rows) -> None:
    found = published.spreads(rows).set_index("source")
    assert (found["lowest fused"].min(), found["highest fused"].max()) == (58.1, 78.78)
    assert found.loc["EMMA", "IR"] == found.loc["CDDFuse", "IR"] == 51.7
    assert found.loc["LKC-FUNet", "VIS"] == 62.6

"""A paper's conclusions as differences of rows: by hand, and beside SciPy's bootstrap."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from fusion.ablations.claims import claims_table, difference
from fusion.ablations.rows import AblationRow, Ablations, read
from pipeline.report.tables.published import papers
from pipeline.stage.errors import UserError

RNG = np.random.default_rng(5)


def test_images_alone_are_drawn_as_scipy_draws_them() -> None:
    values = RNG.normal(1, 2, 40)
    ours = difference([values[None]])
    theirs = stats.bootstrap((values,), np.mean, n_resamples=10_000, method="percentile", rng=3)
    assert ours.value == pytest.approx(values.mean())
    width = values.std() / len(values) ** 0.5
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=0.1 * width)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=0.1 * width)


def test_of_two_seeds_one_is_drawn() -> None:
    """On images that are all alike the interval ends at the seeds' own differences."""
    found = difference([np.repeat([[1.0], [4.0]], 8, axis=1)])
    assert found == pytest.approx((2.5, 1, 4))


def test_sets_weigh_the_same_and_seeds_are_drawn_once_for_all() -> None:
    """Opposite sets cancel in every draw only if both take the same seeds."""
    seeds = np.array([[1.0], [2.0], [6.0]])
    found = difference([np.repeat(seeds, 4, axis=1), np.repeat(-seeds, 9, axis=1)])
    assert found == pytest.approx((0, 0, 0))
    assert difference([np.full((1, 2), 1.0), np.full((1, 30), 4.0)]).value == 2.5


def write(path: Path, **metrics: list[float]) -> Path:
    pd.DataFrame({"name": ["01", "02"], **metrics}).to_csv(path, index=False)
    return path


def table_of(files: dict[str, list[list[Path]]]):
    rows = {
        key: AblationRow(label=key, params={}, printed={"row": printed})
        for key, printed in (("good", "a"), ("bad", "b"))
    }
    claim = {"claim": "good beats bad", "better": "good", "worse": ["bad", "absent"]}
    ours = Ablations(paper="Ours", note="", tables={"2": rows}, claims={"2": (claim,)})
    return claims_table(ours, "lkc_funet", "2", rows, files, "t")


def test_a_claim_s_row_is_followed_by_the_printed_difference(tmp_path) -> None:
    good = write(tmp_path / "good.csv", SD=[5.0, 7.0], MSE=[3.0, 4.0], AG=[1.0, 3.0])
    bad = write(tmp_path / "bad.csv", SD=[4.0, 5.0], MSE=[1.0, 1.0], AG=[2.0, 2.0])
    table = table_of({"good": [[good]], "bad": [[bad]]})
    measured, printed = table.rows
    assert measured.label == "good beats bad: good − bad"
    cells = measured.cells
    assert (cells["SD"].value, cells["SD"].interval) == (1.5, (1, 2))
    assert (cells["MSE"].value, cells["MSE"].interval) == (-2.5, (-3, -2))  # small is good
    assert (cells["AG"].value, cells["AG"].interval) == (0, (-1, 1))
    counts = [cells[key].value for key in ("held", "against", "undecided")]
    assert counts == [1, 1, 1]
    paper = pd.read_csv(papers.FOLDER / "lkc_funet_table_2.csv").set_index("row")
    for metric in ("SD", "AG", "SSIM"):
        expected = paper.loc["a", metric] - paper.loc["b", metric]
        assert printed.cells[metric].value == pytest.approx(expected)
    assert printed.cells["SSIM"].printed == "−0.012"
    assert printed.published.startswith("difference of He et al.")
    assert "1 seed." in table.caption


def test_without_both_rows_there_is_no_table() -> None:
    rows = {"good": AblationRow(label="good", params={})}
    assert claims_table(read("lkc_funet"), "lkc_funet", "2", rows, {}, "t") is None


def test_other_images_are_refused(tmp_path) -> None:
    good = write(tmp_path / "good.csv", SD=[5.0, 7.0])
    bad = tmp_path / "bad.csv"
    pd.DataFrame({"name": ["01", "03"], "SD": [1.0, 2.0]}).to_csv(bad, index=False)
    with pytest.raises(UserError, match="are of different images"):
        table_of({"good": [[good]], "bad": [[bad]]})


@pytest.mark.parametrize("method", ["lkc_funet", "mmif_amin"])
def test_claims_name_rows_that_there_are(method) -> None:
    found = read(method)
    assert found.claims.keys() == found.tables.keys()
    for table, claims in found.claims.items():
        for claim in claims:
            assert {claim.better, *claim.worse} <= found.tables[table].keys()
            assert claim.better not in claim.worse

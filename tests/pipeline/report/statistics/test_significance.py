"""Section 4.3 of the paper, against SciPy, a hand-made Holm correction and known cases."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pipeline.report.figures.heatmap import against, heatmap, symbol
from pipeline.report.statistics.ranking import metric_names, places, rank_sums
from pipeline.report.statistics.significance import compare, improvement_rate
from pipeline.stage.errors import UserError

N = 40


def _frame(**columns):
    return pd.DataFrame({"name": [f"i{k}" for k in range(N)], **columns})


@pytest.fixture
def frames():
    """`good` beats `plain` in SD and MSE, `same` is `plain` with noise; SF differs with skew."""
    rng = np.random.default_rng(0)
    sd, sf, mse = rng.normal(40, 8, (3, N))
    return {
        "ir": _frame(SD=sd * 9, SF=sf, MSE=mse * 0),
        "good": _frame(SD=sd + rng.normal(3, 1, N), SF=sf + rng.exponential(2, N) ** 3, MSE=mse - 5
                       + rng.normal(0, 1, N)),
        "plain": _frame(SD=sd, SF=sf, MSE=mse),
        "same": _frame(SD=sd + rng.normal(0, 1, N), SF=sf + rng.normal(0, 1, N), MSE=mse),
    }  # fmt: skip


def _row(table, metric, method, other):
    chosen = (table.metric == metric) & (table.method == method) & (table.other == other)
    return table[chosen].iloc[0]


def test_p_values_are_those_of_scipy_and_the_test_follows_normality(frames):
    table = compare(frames)
    for metric, test in (("SD", "t"), ("SF", "wilcoxon")):
        one, other = frames["good"][metric], frames["plain"][metric]
        row = _row(table, metric, "good", "plain")
        assert row.test == test
        assert row.normality == pytest.approx(stats.shapiro(one - other).pvalue)
        expected = stats.ttest_rel if test == "t" else stats.wilcoxon
        assert row.p == pytest.approx(expected(one, other).pvalue)


def test_holm_corrects_over_the_whole_family(frames):
    table = compare(frames).sort_values("p")
    count = len(table)
    assert count == 3 * 3  # three metrics, three pairs without `ir`
    stepped = np.maximum.accumulate(table.p * np.arange(count, 0, -1)).clip(upper=1)
    assert table.p_holm.to_numpy() == pytest.approx(stepped.to_numpy())
    assert (table.significant == (table.p_holm < 0.05)).all()


def test_lower_is_better_for_mse(frames):
    row = _row(compare(frames), "MSE", "good", "plain")
    assert row.difference == pytest.approx((frames["plain"].MSE - frames["good"].MSE).mean())
    assert row.difference > 4
    assert row.r_c > 0.9
    assert row.significant


def test_no_difference_is_not_significant(frames):
    row = _row(compare(frames), "MSE", "plain", "same")
    assert (row.difference, row.p, row.r, row.r_c) == (0, 1, 0.5, 0)
    assert not row.significant


def test_a_constant_difference_is_judged_by_its_sign():
    plain = _frame(SD=np.arange(N, dtype=float))
    row = compare({"a": plain.assign(SD=plain.SD + 1), "b": plain}).iloc[0]
    assert row.test == "sign"
    assert row.p == pytest.approx(2 * 0.5**N)


def test_improvement_rate_by_hand():
    assert improvement_rate(np.array([1.0, 2, -1, 0])) == pytest.approx(2.5 / 4)


def test_rows_are_matched_by_image_not_by_order(frames):
    shuffled = frames | {"good": frames["good"].sample(frac=1, random_state=1)}
    pd.testing.assert_frame_equal(compare(shuffled), compare(frames), check_exact=False)


def test_other_images_are_an_error(frames):
    with pytest.raises(UserError, match="good and plain were evaluated on different images"):
        compare(frames | {"good": frames["good"].iloc[:-1]})


def test_too_little_to_compare_gives_an_empty_table(frames):
    assert compare({"ir": frames["ir"], "good": frames["good"]}).empty
    assert compare({key: frame.iloc[:2] for key, frame in frames.items()}).empty


def test_symbols_and_both_sides_of_a_comparison(frames):
    assert [symbol(p) for p in (0.0001, 0.005, 0.03, 0.05)] == ["***", "**", "*", "ns"]
    table = compare(frames)
    mine = against(table, "plain").set_index(["metric", "other"])
    theirs = against(table, "good").set_index(["metric", "other"])
    assert mine.loc[("SD", "good"), "r_c"] == -theirs.loc[("SD", "plain"), "r_c"] < -0.9
    assert mine.loc[("SD", "good"), "mark"] == "***"


def test_heatmap_shows_every_pair_and_symbol(frames):
    figure = heatmap(compare(frames), "good")
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert len(texts) == 2 * 3
    assert sum("***" in text for text in texts) >= 4


def test_places_by_hand():
    frames = {
        "ir": _frame(SD=np.full(N, 99.0), MSE=np.zeros(N)),
        "a": _frame(SD=np.full(N, 3.0), MSE=np.full(N, 1.0)),
        "b": _frame(SD=np.full(N, 2.0), MSE=np.full(N, 5.0)),
        "c": _frame(SD=np.full(N, 3.0), MSE=np.full(N, 2.0)),
    }
    assert metric_names(frames) == ["SD", "MSE"]
    assert places(frames).to_dict("index") == {
        "a": {"SD": 1.5, "MSE": 1}, "b": {"SD": 3, "MSE": 3}, "c": {"SD": 1.5, "MSE": 2},
    }  # fmt: skip
    assert rank_sums(frames) == {"a": 2.5, "b": 6, "c": 3.5}

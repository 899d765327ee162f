"""Section 4.3 of the paper, against SciPy, a hand-made Holm correction and known cases."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pipeline.params.fusion import Significance
from pipeline.report.figures.heatmap import against, heatmap, symbol
from pipeline.report.figures.significance import comparisons, family_words, heatmaps
from pipeline.report.statistics import significance
from pipeline.report.statistics.ranking import (
    PAPER_METRICS,
    counted,
    counted_words,
    metric_names,
    places,
    rank_sums,
)
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


def holm(p):
    """By hand: the k-th smallest of n times n + 1 - k, never falling, at most 1."""
    order = np.argsort(p)
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)).clip(max=1)
    return stepped[np.argsort(order)]


def test_a_family_is_one_methods_comparisons(frames):
    table = compare(frames)
    assert len(table) == 3 * 6  # three methods without `ir`, each against two in three metrics
    for method, own in table.groupby("method"):
        assert set(own["tests"]) == {6}
        assert own.p_holm.to_numpy() == pytest.approx(holm(own.p.to_numpy())), method
    assert (table.significant == (table.p_holm < 0.05)).all()


def test_or_those_of_all_pairs_each_counted_once(frames):
    table = compare(frames, "all_pairs")
    assert set(table["tests"]) == {9}  # three metrics, three pairs
    once = table[[row.method < row.other for row in table.itertuples()]]
    assert once.p_holm.to_numpy() == pytest.approx(holm(once.p.to_numpy()))
    for row in once.itertuples():
        assert _row(table, row.metric, row.other, row.method).p_holm == row.p_holm


def test_two_families_of_known_p_by_hand(monkeypatch, frames):
    """p of 0.01, 0.02, 0.03 for the pairs in one metric: Holm's own example of stepping down."""
    known = iter([0.01, 0.02, 0.03])
    test = significance.Test
    monkeypatch.setattr(significance, "_test", lambda _: test("t", 1.0, next(known)))
    one_metric = {key: frame[["name", "SD"]] for key, frame in frames.items()}
    own = compare(one_metric)  # good-plain 0.01, good-same 0.02, plain-same 0.03
    found = {(row.method, row.other): row.p_holm for row in own.itertuples()}
    assert found == pytest.approx({
        ("good", "plain"): 0.02, ("good", "same"): 0.02, ("plain", "good"): 0.02,
        ("plain", "same"): 0.03, ("same", "good"): 0.04, ("same", "plain"): 0.04,
    })  # fmt: skip
    known = iter([0.01, 0.02, 0.03])
    every = compare(one_metric, "all_pairs")
    assert _row(every, "SD", "good", "plain").p_holm == pytest.approx(0.03)
    assert _row(every, "SD", "same", "good").p_holm == pytest.approx(0.04)
    assert _row(every, "SD", "plain", "same").p_holm == pytest.approx(0.04)


def test_a_proposed_method_is_tested_alone_against_each_other(frames):
    own = compare(frames, proposed="plain")
    assert set(own["method"]) == {"plain"}
    assert set(own["other"]) == {"good", "same"}
    whole = compare(frames)
    pd.testing.assert_frame_equal(
        own, whole[whole["method"] == "plain"].reset_index(drop=True), check_like=True
    )
    wide = compare(frames, "all_pairs", "plain")
    assert set(wide["tests"]) == {9}
    assert compare(frames, proposed="absent").empty


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
    assert [symbol(p) for p in (0.0001, 0.001, 0.03, 0.05)] == ["**", "*", "*", ""]
    table = compare(frames)
    mine = against(table, "plain").set_index(["metric", "other"])
    theirs = against(table, "good").set_index(["metric", "other"])
    assert mine.loc[("SD", "good"), "r_c"] == -theirs.loc[("SD", "plain"), "r_c"] < -0.9
    assert mine.loc[("SD", "good"), "mark"] == "**"


def test_heatmap_shows_every_pair_and_symbol(frames):
    figure = heatmap(compare(frames), "good")
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert len(texts) == 2 * 3
    assert sum("**" in text for text in texts) >= 4


def test_each_set_has_its_own_family_and_heatmaps(frames):
    sets = {"demo": frames, "tno": {key: frames[key] for key in ("good", "plain")}}
    tests = comparisons(sets, Significance())
    assert tests.columns[0] == "set"
    assert tests.groupby("set")["tests"].unique().map(list).to_dict() == {"demo": [6], "tno": [3]}
    prefixes = {"demo": "significance", "tno": "significance_tno", "m3fd": "none"}
    groups = heatmaps(tests, "method", "plain", prefixes)
    assert [group.title for group in groups] == ["demo", "tno"]
    names = [picture.name for group in groups for picture in group.pictures]
    assert names == [
        "significance_plain", "significance_good", "significance_same",
        "significance_tno_plain", "significance_tno_good",
    ]  # fmt: skip
    assert "the 6 comparisons of plain on demo" in groups[0].pictures[0].caption
    assert family_words("all_pairs", "plain", 9, "demo").startswith("the 9 comparisons of any two")
    assert heatmaps(comparisons({"demo": {}}, Significance()), "method", None, prefixes) == []


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
    assert rank_sums(frames, "paper") == {"a": 1.5, "b": 3, "c": 1.5}  # MSE is not of the six
    assert counted_words(counted(frames, "paper")) == "1 metric, SD"
    assert counted_words(PAPER_METRICS) == ("the paper's six metrics, SD, AG, SF, SCD, VIFF, SSIM")

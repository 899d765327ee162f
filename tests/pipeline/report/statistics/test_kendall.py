"""Kendall's tau against SciPy, and its interval in cases with a known answer."""

import numpy as np
import pytest
from scipy import stats

from pipeline.report.statistics.bootstrap import Resampled
from pipeline.report.statistics.kendall import agreement, kendall

NAMES = ("ir", "vis", "a", "b", "c")


def _judge(values, spread=0.0, seed=0, draws=500):
    rng = np.random.default_rng(seed)
    return {
        name: Resampled(np.array([value]), value + spread * rng.normal(size=draws))
        for name, value in zip(NAMES, values, strict=True)
    }


@pytest.mark.parametrize("ties", [False, True])
def test_tau_is_scipys(ties):
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(2, 50, 7))
    if ties:
        one, other = one.round(), other.round()
    expected = [stats.kendalltau(a, b).statistic for a, b in zip(one, other, strict=True)]
    assert kendall(one, other) == pytest.approx(np.array(expected), nan_ok=True)


def test_a_judge_agrees_with_himself_and_not_with_his_opposite():
    judge = _judge((1, 2, 3, 4, 5))
    same = agreement(judge, judge)
    assert (same.tau, same.low, same.high, same.inputs) == (1, 1, 1, 5)
    assert agreement(judge, _judge((5, 4, 3, 2, 1))).tau == -1


def test_noise_in_the_draws_widens_the_interval():
    clear, noisy = _judge((1, 2, 3, 4, 5), 0.1), _judge((1, 2, 3, 4, 5), 3.0, seed=1)
    found = agreement(clear, noisy)
    assert found.tau == 1
    assert found.low < 0.3 < agreement(clear, _judge((1, 2, 3, 4, 5), 0.1, seed=2)).low


def test_only_inputs_that_both_judged_count_and_two_are_too_few():
    one, other = _judge((1, 2, 3, 4, 5)), _judge((5, 1, 2, 3, 4))
    assert agreement(one, {name: other[name] for name in NAMES[1:]}).tau == 1
    assert agreement(one, {name: other[name] for name in NAMES[:2]}) is None

"""Do two ways of judging put the inputs in the same order? Kendall's tau with its bootstrap.

Kendall, "Rank Correlation Methods", 1948: of all pairs of inputs, those in the same order minus
those in the opposite one, as a share (tau-b: ties count for neither). Each draw of images and seeds
gives another order to either judge, and so another tau.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.report.statistics.bootstrap import ENDS, Floats, Resampled

FEWEST = 3
"""Inputs below which an order says nothing."""


@dataclass(frozen=True)
class Agreement:
    """How alike two orders of the same inputs are.

    Attributes:
        tau: 1 for the same order, −1 for the opposite one, about 0 for unrelated ones.
        low: lower end of the percentile interval.
        high: upper end.
        inputs: how many.
    """

    tau: float
    low: float
    high: float
    inputs: int


def kendall(one: Floats, other: Floats) -> Floats:
    """Kendall's tau-b of (..., m) values along the last axis; NaN where one of them is constant."""
    first, second = np.triu_indices(one.shape[-1], 1)
    signs = [np.sign(values[..., first] - values[..., second]) for values in (one, other)]
    untied = np.sqrt(np.prod([np.abs(sign).sum(axis=-1) for sign in signs], axis=0))
    agreeing = (signs[0] * signs[1]).sum(axis=-1)
    return np.divide(agreeing, untied, out=np.full_like(untied, np.nan), where=untied > 0)


def agreement(one: dict[str, Resampled], other: dict[str, Resampled]) -> Agreement | None:
    """Agreement of two judges over the inputs that both have judged; None for fewer than three.

    Args:
        one: mIoU by input, by one judge.
        other: by the other, with the same draws.
    """
    common = [name for name in one if name in other]
    if len(common) < FEWEST:
        return None
    measured = kendall(*(np.array([judge[name].miou for name in common]) for judge in (one, other)))
    drawn = kendall(
        *(np.stack([judge[name].drawn for name in common], axis=-1) for judge in (one, other))
    )
    low, high = np.nanquantile(drawn, ENDS)
    return Agreement(float(measured), float(low), float(high), len(common))

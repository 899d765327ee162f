"""Who has judged the inputs: each network under each protocol, with the draws that all share."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from pipeline.params.segmentation import ONE_FOR_ALL
from pipeline.report.collected import Results, Segmented
from pipeline.report.statistics.bootstrap import Draws, Resampled, resample
from pipeline.report.statistics.kendall import Agreement, agreement
from pipeline.results.paths import RETRAINED
from pipeline.stage.errors import UserError


@dataclass(frozen=True)
class Judge:
    """One network under one protocol, and what it said of the inputs.

    Attributes:
        network: an entry of `segmentation.networks`.
        protocol: `RETRAINED` on each input, or `ONE_FOR_ALL`.
        version: of the protocol, see `pipeline.provenance.protocol`.
        segmented: results by input.
        resampled: their mIoU in the draws that all judges share.
    """

    network: str
    protocol: str
    version: dict[str, str]
    segmented: dict[str, Segmented]
    resampled: dict[str, Resampled]

    @property
    def title(self) -> str:
        """As tables name it."""
        return f"{self.network}, one for all" if self.protocol else self.network


def draws_of(results: Results, names: list[str]) -> Draws:
    """The draws of the test images `names`, twins together."""
    clusters = dict(zip(results.twins["name"], results.twins["cluster"], strict=True))
    unknown = next((name for name in names if name not in clusters), None)
    if unknown is not None:
        raise UserError(f"{unknown}: evaluated, but no test image; run `dvc repro` again")
    # Numbered from 0 without gaps, whichever of the images were evaluated.
    _, numbers = np.unique([clusters[name] for name in names], return_inverse=True)
    return Draws(len(names), numbers)


def _judge(results: Results, network: str, protocol: str) -> Judge:
    segmented = (results.for_all if protocol else results.networks)[network]
    first = next(iter(segmented), "")
    for name, one in segmented.items():
        if one.version != segmented[first].version:
            raise UserError(
                f"{name} and {first} were judged by {network} under protocols "
                f"{one.version['version']} and {segmented[first].version['version']}; run "
                "`dvc repro` again"
            )
        if one.names != segmented[first].names:
            raise UserError(
                f"{name} and {first} were evaluated on different images; run `dvc repro` again"
            )
    draws = draws_of(results, segmented[first].names) if segmented else Draws(1)
    resampled = {name: resample(one.confusion, draws) for name, one in segmented.items()}
    stamp = segmented[first].version if segmented else {}
    return Judge(network, protocol, stamp, segmented, resampled)


def retrained(results: Results) -> list[Judge]:
    """The networks that are trained on each input, the main one first; none without results."""
    found = [_judge(results, network, RETRAINED) for network in results.networks]
    return [judge for judge in found if judge.segmented]


def for_all(results: Results) -> list[Judge]:
    """The networks of both cameras that judge every input."""
    found = [_judge(results, network, ONE_FOR_ALL) for network in results.for_all]
    return [judge for judge in found if judge.segmented]


Pair = tuple[Judge, Judge, Agreement]


def agreements(judges: list[Judge]) -> list[Pair]:
    """Each two judges with the agreement of their orders, where enough inputs have both."""
    found = [
        (one, other, agreement(one.resampled, other.resampled))
        for one, other in combinations(judges, 2)
    ]
    return [(one, other, how) for one, other, how in found if how is not None]

"""Do a paper's conclusions from its rows hold here? Differences of rows, with intervals.

Two rows differ by their training and by the images they are judged on. So test images, the same for
both, and seeds are drawn with replacement at once, as for mIoU
(`pipeline.report.statistics.bootstrap`); of several sets of pairs each weighs the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fusion.ablations.rows import AblationRow, Ablations, Claim
from pipeline.report.statistics.bootstrap import ENDS, Draws
from pipeline.report.statistics.ranking import LOWER_IS_BETTER
from pipeline.report.tables.table import Cell, Column, Row, Table
from pipeline.stage.errors import UserError

Files = Sequence[Sequence[Path]]
"""A row's metrics: of each seed, a file for each set of pairs."""


class Difference(NamedTuple):
    """Of one metric, positive where the first row is better, with its percentile interval."""

    value: float
    low: float
    high: float


def difference(sets: Sequence[NDArray[np.float64]]) -> Difference:
    """Mean difference over seeds, sets and images.

    Args:
        sets: of each set of pairs (s,n): the difference of each seed and test image.
    """
    seeds = Draws(1).of_seeds(len(sets[0]))
    drawn = np.zeros(len(seeds))
    for number, found in enumerate(sets):
        images = Draws(found.shape[1], seed=number).of_images() / found.shape[1]
        drawn += (images @ found.T * seeds).sum(axis=1) / len(sets)
    low, high = np.quantile(drawn, ENDS)
    return Difference(float(np.mean([found.mean() for found in sets])), float(low), float(high))


def _differences(better: Files, worse: Files) -> dict[str, Difference]:
    """By metric. Raises UserError if two files are not of the same images."""
    seeds = [
        [_frame(*files) for files in zip(one, other, strict=True)]
        for one, other in zip(better, worse, strict=True)
    ]
    sets = list(zip(*seeds, strict=True))
    return {
        str(metric): difference([np.stack([frame[metric] for frame in one]) for one in sets])
        for metric in seeds[0][0]
    }


def _frame(better: Path, worse: Path) -> pd.DataFrame:
    """A column a metric, positive where the first file is better, one row a test image."""
    one, other = (
        pd.read_csv(file, dtype={"name": str}).set_index("name") for file in (better, worse)
    )
    if not one.index.equals(other.index):
        raise UserError(f"{better} and {worse} are of different images; `dvc repro` first")
    found = one - other
    return found.mul([-1.0 if name in LOWER_IS_BETTER else 1.0 for name in found.columns])


def _printed(better: Row | None, worse: Row | None, label: str) -> list[Row]:
    """The difference of two printed rows, to the printed digit."""
    if better is None or worse is None:
        return []
    cells = {}
    for metric, cell in better.cells.items():
        other = worse.cells[metric]
        sign = -1 if metric in LOWER_IS_BETTER else 1
        value = sign * (Decimal(cell.printed) - Decimal(other.printed))
        note = "; ".join(dict.fromkeys(filter(None, (cell.note, other.note))))
        cells[metric] = Cell(float(value), printed=f"{value:+}".replace("-", "−"), note=note)
    return [Row(label, cells, ranked=False, published=f"difference of {better.published}")]


def _counts(found: dict[str, Difference]) -> dict[str, Cell]:
    """In how many metrics the claim is held, refuted, or neither."""
    held = sum(one.low > 0 for one in found.values())
    against = sum(one.high < 0 for one in found.values())
    undecided = len(found) - held - against
    counts = {"held": held, "against": against, "undecided": undecided}
    return {key: Cell(float(count)) for key, count in counts.items()}


def _pairs(
    claims: Sequence[Claim], chosen: dict[str, AblationRow]
) -> Iterator[tuple[str, str, str]]:
    """What is claimed, and both rows, where both are among those run."""
    for claim in claims:
        for worse in claim.worse:
            if {claim.better, worse} <= chosen.keys():
                yield f"{claim.claim}: {claim.better} − {worse}", claim.better, worse


def claims_table(
    ablations: Ablations,
    method: str,
    table: str,
    chosen: dict[str, AblationRow],
    metrics: Mapping[str, Files],
    name: str,
) -> Table | None:
    """What the paper concludes from a table's rows, as differences measured here and printed.

    Args:
        ablations: those of the method.
        method: its name.
        table: the paper's number of it.
        chosen: rows by key.
        metrics: files of each row's metrics by the same keys.
        name: of the table's files.

    Returns:
        The table; None where no two of the rows are compared.

    Raises:
        UserError: two rows were judged on different images.
    """
    rows: list[Row] = []
    keys: dict[str, None] = {}
    for label, better, worse in _pairs(ablations.claims.get(table, ()), chosen):
        found = _differences(metrics[better], metrics[worse])
        cells = {key: Cell(d.value, interval=(d.low, d.high)) for key, d in found.items()}
        rows.append(Row(label, cells | _counts(found)))
        one, other = (chosen[key].published(method, table, label) for key in (better, worse))
        rows += _printed(one, other, label)
        keys |= dict.fromkeys(found)
    if not rows:
        return None
    columns = [Column(key, key, "", decimals=3, signed=True) for key in keys]
    columns += [Column(key, key.capitalize(), "", 0) for key in ("held", "against", "undecided")]
    seeds = len(next(iter(metrics.values())))
    caption = (
        f"What {ablations.paper} concludes from its table {table}, as differences, positive where "
        f"they speak for it, with 95 % intervals of a bootstrap over test images and {seeds} "
        f"{'seeds' if seeds > 1 else 'seed'}. Held: metrics whose interval is above 0; against: "
        "below 0; undecided: 0 is inside."
    )
    return Table(name, caption, "Claim", columns, rows)

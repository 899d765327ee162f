"""Table 5's layout for any pair set: mean ± std of each metric, ranks summed."""

from __future__ import annotations

import pandas as pd

from pipeline.params.fusion import Judging
from pipeline.report.collected import SOURCES, Results
from pipeline.report.statistics import ranking
from pipeline.report.tables.table import Cell, Column, Row, Table


def metrics_of(frames: dict[str, pd.DataFrame]) -> list[str]:
    """Metric columns, in the files' order."""
    return list(dict.fromkeys(str(c) for frame in frames.values() for c in frame if c != "name"))


def _column(metric: str, frames: dict[str, pd.DataFrame]) -> Column:
    largest = max(frame[metric].abs().max() for frame in frames.values() if metric in frame)
    lower = metric in ranking.LOWER_IS_BETTER
    return Column(
        metric, metric, better="lower" if lower else "higher", decimals=3 if largest < 100 else 1
    )


def _cells(frame: pd.DataFrame) -> dict[str, Cell]:
    numbers = frame.drop(columns="name")
    several = len(numbers) > 1
    return {
        str(metric): Cell(float(values.mean()), float(values.std()) if several else None)
        for metric, values in numbers.items()
        if values.notna().any()
    }


def fusion_table(
    name: str, subject: str, judging: Judging, frames: dict[str, pd.DataFrame]
) -> Table:
    """One pair set's table.

    The sources are shown but not ranked: an image compared with itself wins every metric of
    likeness.

    Args:
        name: of the table's files.
        subject: what the images are, for the caption.
        judging: convention of the metrics, and what the rank sum counts.
        frames: metrics per image by method.
    """
    columns = [_column(metric, frames) for metric in metrics_of(frames)]
    judged = [method for method in frames if method not in SOURCES]
    ranks = ranking.rank_sums(frames, judging.ranking) if len(judged) > 1 else {}
    rows = []
    for method, frame in frames.items():
        cells = _cells(frame)
        if method in ranks:
            cells["ranking"] = Cell(float(ranks[method]))
        rows.append(Row(method, cells, ranked=method in judged))
    if ranks:
        columns.append(Column("ranking", "Rank sum", better="lower", decimals=0))
    counts = sorted({len(frame) for frame in frames.values()})
    summed = ranking.counted_words(ranking.counted(frames, judging.ranking))
    caption = (
        f"Fusion metrics on {' to '.join(map(str, counts))} {subject}, mean ± std over images, "
        f"convention “{judging.convention}”. Best in bold, second underlined"
        + (f"; the rank sum adds each method's places in {summed}" if ranks else "")
        + ". IR and VIS themselves are not ranked."
    )
    return Table(name, caption, "Method", columns, rows)


def all_sets(results: Results) -> list[tuple[str, Table]]:
    """Tables of the data set's test images and of each further pair set, with their titles."""
    found = []
    judging = results.params.fusion.evaluation
    if results.fusion:
        dataset = results.params.data.dataset
        table = fusion_table("fusion", f"test images of {dataset}", judging, results.fusion)
        found.append((f"Test images of {dataset}", table))
    for chosen, frames in results.pairs.items():
        if frames:
            table = fusion_table(f"fusion_{chosen}", f"pairs of {chosen}", judging, frames)
            found.append((f"Pair set {chosen}, fused without retraining", table))
    return found

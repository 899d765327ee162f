"""The headline table as one honest sentence or two."""

from pipeline.params.segmentation import Contrast
from pipeline.report.collected import SOURCES
from pipeline.report.statistics.bootstrap import Interval, difference
from pipeline.report.statistics.judges import Judge
from pipeline.report.tables.table import Row, Table


def _against(source: str, best: Row) -> str:
    cell = best.cells.get(f"delta_{source}")
    if cell is None or cell.value is None or cell.interval is None:
        return ""
    low, high = cell.interval
    interval = f"95 % interval {low:+.1f} to {high:+.1f}"
    numbers = f"{cell.value:+.1f} points against {source.upper()} ({interval})"
    numbers = numbers.replace("-", "−")
    if low <= 0 <= high:
        return f"{numbers}, which does not rule out chance"
    return numbers


def verdict(table: Table | None, has_labels: bool) -> str:
    """Who segments best, by how much, and whether the test images suffice to say so.

    Args:
        table: the headline table; None without any segmentation result.
        has_labels: whether the data set has labels at all.
    """
    if table is None:
        if has_labels:
            return "No input has been segmented yet."
        return "The data set has no labels: only the fusion itself is judged."
    ranked = [row for row in table.rows if row.cells["miou"].value is not None]
    if not ranked:
        return "No class of the test images is labelled."
    best = max(ranked, key=lambda row: row.cells["miou"].value or 0.0)
    name = best.label.upper() if best.label in SOURCES else best.label
    column = next(column for column in table.columns if column.key == "miou")
    start = f"{name} segments best: mIoU {column.text(best.cells['miou'])} %"
    against = [part for source in SOURCES if (part := _against(source, best))]
    ending = "." if not against else f"; {'; '.join(against)}."
    seeds = "" if best.cells["miou"].std is not None else " One seed: its luck is not in these."
    lost = " No fused input beats it." if best.label in SOURCES and len(ranked) > 1 else ""
    return start + ending + lost + seeds


def _decision(low: float, high: float, smallest: float) -> str:
    """What an interval of points says of a difference worth having."""
    if low >= smallest:
        return "better by a difference worth having"
    if high <= -smallest:
        return "worse by a difference worth having"
    if -smallest < low and high < smallest:
        return "no difference worth having"
    if low > 0:
        return "better, but perhaps by less than that"
    if high < 0:
        return "worse, but perhaps by less than that"
    return "not decided"


def contrast_sentence(primary: Contrast, found: Interval) -> str:
    """The primary contrast in words, whatever else the tables show."""
    low, high = 100 * found.low, 100 * found.high
    numbers = f"{100 * found.difference:+.1f} points (95 % interval {low:+.1f} to {high:+.1f})"
    return (
        f"Primary contrast, named before the run: {primary.input} against {primary.against}, "
        f"{numbers}; the smallest difference worth having is {primary.smallest:g}: "
        f"{_decision(low, high, primary.smallest)}. All other comparisons are exploratory."
    ).replace("-", "−")


def primary_contrast(primary: Contrast | None, judge: Judge | None) -> str:
    """What became of the comparison that the run was made for; '' before any segmentation.

    Args:
        primary: `segmentation.primary`.
        judge: the main network.
    """
    if judge is None:
        return ""
    if primary is None:
        return "No primary contrast was named before the run: all comparisons are exploratory."
    missing = [n for n in (primary.input, primary.against) if n not in judge.resampled]
    if missing:
        return f"The primary contrast cannot be told: {missing[0]} has no result."
    one, other = (judge.resampled[name] for name in (primary.input, primary.against))
    return contrast_sentence(primary, difference(one, other))

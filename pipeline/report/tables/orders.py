"""Does the order survive another judge? Places by network and protocol, and how they agree."""

from __future__ import annotations

from pipeline.report.statistics.judges import Judge, Pair
from pipeline.report.tables.segmentation import spread
from pipeline.report.tables.table import Cell, Column, Row, Table


def _key(judge: Judge) -> str:
    return f"{judge.protocol}_{judge.network}" if judge.protocol else judge.network


def survival_table(judges: list[Judge]) -> Table:
    """Rows inputs, a column of mIoU for each judge, in whose order best and second are marked."""
    names = list(dict.fromkeys(name for judge in judges for name in judge.segmented))
    columns = [Column(f"miou_{_key(judge)}", f"mIoU {judge.title}") for judge in judges]
    rows = [
        Row(
            name,
            {
                column.key: spread(judge.segmented[name].scores, "miou")
                for judge, column in zip(judges, columns, strict=True)
                if name in judge.segmented
            },
        )
        for name in names
    ]
    caption = (
        "mIoU of each input by each network, percent, mean ± std over seeds; columns are judged "
        "apart. – is an input that this network did not judge."
    )
    return Table("survival", caption, "Input", columns, rows)


def agreement_table(name: str, pairs: list[Pair]) -> Table:
    """Kendall's tau of each two judges over the inputs that both judged, with its interval.

    Args:
        name: of the table's files.
        pairs: two judges and how they agree.
    """
    columns = [
        Column("tau", "Kendall's τ", better="", decimals=2, signed=True,
               hint="1 the same order, −1 the opposite one, about 0 unrelated"),
        Column("inputs", "Inputs", better="", decimals=0),
    ]  # fmt: skip
    rows = [
        Row(
            f"{one.title} – {other.title}",
            {
                "tau": Cell(found.tau, interval=(found.low, found.high)),
                "inputs": Cell(float(found.inputs)),
            },
        )
        for one, other, found in pairs
    ]
    caption = (
        "Kendall's τ between two orders of the same inputs, with the 95 % interval of the "
        "bootstrap over images and seeds. Draws of test images shake both orders, so where inputs "
        "lie close the interval reaches further down than up; with few inputs it is wide."
    )
    return Table(name, caption, "Judges", columns, rows)

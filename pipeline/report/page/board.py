"""The leaderboard's page: a table a version of a protocol, sortable, with intervals."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.report.collected import SOURCES
from pipeline.report.page.render import environment, styled
from pipeline.report.tables.table import Cell, Column, Row, Table
from pipeline.results.record import Difference, Entry, Judgement, Record

Named = tuple[str, Record, Judgement]


class Board(NamedTuple):
    """The page, and what it counts."""

    page: str
    results: int
    versions: int


def by_version(records: dict[str, Record]) -> dict[tuple[str, str], list[Named]]:
    """Judgements with the name of their result, by protocol and version, most of them first."""
    found: dict[tuple[str, str], list[Named]] = {}
    for name, result in records.items():
        for one in result.judgements:
            key = (one.protocol, one.version.version)
            found.setdefault(key, []).append((name, result, one))
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


def _delta(found: Difference | None) -> Cell:
    return Cell() if found is None else Cell(found.value, interval=(found.low, found.high))


def _row(name: str, one: Judgement, entry: Entry) -> Row:
    cells = {"miou": Cell(entry.miou, entry.std), "seeds": Cell(float(len(one.seeds)))}
    cells |= {"delta_ir": _delta(entry.delta_ir), "delta_vis": _delta(entry.delta_vis)}
    cells |= {key: Cell(value) for key, value in entry.iou.items()}
    return Row(f"{entry.input} · {name}", cells)


def _table(number: int, protocol: str, version: str, judged: list[Named]) -> Table:
    """All inputs that were judged under one version, the best on top."""
    _, result, one = judged[0]
    columns = [
        Column("miou", "mIoU"),
        *(Column(f"delta_{s}", f"Δ {s.upper()}", better="", signed=True) for s in SOURCES),
        Column("seeds", "Seeds", better="", decimals=0),
        *(Column(name, name.replace("_", " ")) for name in result.classes),
    ]
    rows = [_row(name, one, entry) for name, _, one in judged for entry in one.entries]
    rows.sort(key=lambda row: -(row.cells["miou"].value or 0.0))
    trained = "one network for all inputs" if protocol == "one_for_all" else "trained on each input"
    caption = (
        f"{one.settings['decoder']} with {one.settings['encoder']}, {trained}; "
        f"{result.test_images} test images of {result.dataset} in {result.test_clusters} clusters. "
        "Percent, mean ± std over seeds; Δ in points against the same result's own camera, with "
        f"95 % intervals. Protocol {version}."
    )
    return Table(f"board_{number}", caption, "Input · result", columns, rows)


def board(records: dict[str, Record]) -> Board:
    """The page of these results.

    Args:
        records: by the name that they go under.
    """
    groups = by_version(records)
    tables = [
        _table(number, *key, judged) for number, (key, judged) in enumerate(groups.items(), 1)
    ]
    template = environment().get_template("leaderboard.html.j2")
    return Board(template.render(tables=tables, **styled()), len(records), len(groups))

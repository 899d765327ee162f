"""The page on metrics names each, with its direction and true values."""

import re
from pathlib import Path

import pytest
from docs_pages import text

from fusion.metrics import ALL, Sources
from pipeline.images.pixels import read_gray, read_rgb
from pipeline.report.statistics.ranking import LOWER_IS_BETTER

PAIR = "00055D.png"


def rows(columns: int) -> dict[str, list[str]]:
    """Cells of the rows that begin with a metric and its arrow, of tables of so many columns."""
    found = {}
    for line in text("docs/metrics.md").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        match = re.fullmatch(r"(\S+) ([↑↓])", cells[0])
        if match and len(cells) == columns:
            found[match[1]] = [match[2], *cells[1:]]
    return found


def test_every_metric_has_its_rows_in_order() -> None:
    for columns in (4, 3):
        table = rows(columns)
        assert tuple(table) == ALL
        for name, (arrow, *_) in table.items():
            assert arrow == ("↓" if name in LOWER_IS_BETTER else "↑"), name


def test_values_are_those_of_the_pair_it_names(shared_data: Path) -> None:
    assert PAIR.removesuffix(".png") in text("docs/metrics.md")
    pairs = shared_data / "msrs-subset/test"
    sources = Sources(read_gray(pairs / "ir" / PAIR), read_rgb(pairs / "vi" / PAIR))
    fused = read_rgb(shared_data / "msrs-subset-fused/LKC-FUNet" / PAIR)
    for column, convention in ((1, "evaluator"), (2, "paper")):
        values = sources.evaluate(fused, convention, ALL)
        shown = {name: float(cells[column]) for name, cells in rows(3).items()}
        assert shown == pytest.approx(values, rel=1e-5)

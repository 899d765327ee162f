"""A table read back from its Markdown, and the README's own."""

from pathlib import Path

import pytest

from pipeline.report import docs
from pipeline.report.tables.formats import to_markdown
from pipeline.report.tables.reading import from_markdown
from pipeline.report.tables.table import Cell, Column, Row, Table

ROOT = Path(__file__).resolve().parents[4]

TABLE = Table(
    "results", "What it is.", "Input",
    [Column("miou", "mIoU"), Column("delta_vis", "Δ VIS", "", signed=True),
     Column("MSE", "MSE", "lower")],
    [Row("vis", {"miou": Cell(37.74, 2.0), "MSE": Cell(2700.31, 2265.4)}),
     Row("a_b", {"miou": Cell(38.26), "delta_vis": Cell(0.55, interval=(-1.1, 3.0))})],
)  # fmt: skip


def test_what_was_written_is_read_as_printed() -> None:
    found = from_markdown(to_markdown(TABLE), "results")
    assert [(c.key, c.title, c.better) for c in found.columns] == [
        ("miou", "mIoU", "higher"), ("delta_vis", "Δ VIS", ""), ("MSE", "MSE", "lower"),
    ]  # fmt: skip
    assert (found.head, found.caption) == ("Input", "What it is.")
    assert found.rows == [
        Row("vis", {"miou": Cell(37.7, 2.0), "MSE": Cell(2700.3, 2265.4)}),
        Row("a_b", {"miou": Cell(38.3), "delta_vis": Cell(0.6, interval=(-1.1, 3.0))}),
    ]


def test_a_cell_that_is_no_number_is_named() -> None:
    with pytest.raises(ValueError, match="'much' is no number"):
        from_markdown("| Input | mIoU ↑ |\n|---|---|\n| a | much |\n", "results")


@pytest.mark.slow
def test_the_readmes_picture_is_drawn_from_its_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    document = Path("README.md")
    picture = docs.drawn(document.read_text(encoding="utf-8"), document)
    assert picture == Path("docs/images/results.png").read_bytes()

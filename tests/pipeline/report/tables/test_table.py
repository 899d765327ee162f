import io
import shutil
import subprocess

import pandas as pd
import pytest
from rich.console import Console

from pipeline.report.page.verdict import verdict
from pipeline.report.tables import formats
from pipeline.report.tables.table import Cell, Column, Row, Table
from pipeline.report.tables.terminal import show

UP = Column("car_stop", "car stop")
DOWN = Column("ms", "CPU time (ms)", better="lower")
DELTA = Column("delta", "Δ VIS", better="", signed=True)


@pytest.fixture
def table():
    gained, lost = Cell(2.5, None, (-0.5, 5.0)), Cell(-1.04, None, (-2.0, -0.1))
    rows = [
        Row("vis", {"car_stop": Cell(60.04), "ms": Cell(3.0)}),
        Row("a_b", {"car_stop": Cell(62.56, 0.44), "ms": Cell(1.0), "delta": gained}),
        Row("c", {"car_stop": Cell(59.0), "ms": Cell(2.0), "delta": lost}),
        Row("paper", {"car_stop": Cell(99.0)}, ranked=False, published="Table 6"),
    ]
    return Table("headline", "What 100 % & more_means.", "Input", [UP, DOWN, DELTA], rows)


def test_text_has_true_minus_signs_spread_and_interval(table):
    assert UP.text(Cell(62.56, 0.44)) == "62.6 ± 0.4"
    assert DELTA.text(Cell(2.5, None, (-0.5, 5.0))) == "+2.5 [−0.5, +5.0]"
    assert DELTA.text(Cell(-0.04)) == "0.0"
    assert Column("n", "n", decimals=0).text(Cell(1234567.0)) == "1\u202f234\u202f567"


def test_an_absent_number_is_a_dash(table):
    assert UP.text(Cell()) == "–"
    lines = [
        [cell.strip() for cell in line.split("|")]
        for line in formats.to_markdown(table).split("\n")
    ]
    assert ["", "paper (Table 6)", "99.0", "–", "–", ""] in lines


def test_best_and_second_follow_the_columns_direction(table):
    marks = {row.label: [table.mark(row, column) for column in table.columns] for row in table.rows}
    assert marks == {
        "vis": ["second", "", ""],
        "a_b": ["best", "best", ""],
        "c": ["", "second", ""],
        "paper": ["", "", ""],
    }


def test_equal_values_share_a_place():
    rows = [Row(label, {"car_stop": Cell(v)}) for label, v in [("a", 2.0), ("b", 2.0), ("c", 1.0)]]
    table = Table("t", "t", "Input", [UP], rows)
    assert [table.mark(row, UP) for row in rows] == ["best", "best", "second"]


def test_a_single_row_is_not_called_best():
    row = Row("a", {"car_stop": Cell(2.0)})
    assert Table("t", "t", "Input", [UP], [row]).mark(row, UP) == ""


def test_csv_keeps_every_digit(table, tmp_path):
    formats.write(table, tmp_path)
    frame = pd.read_csv(tmp_path / "headline.csv").set_index("input")
    assert frame.loc["a_b", "car_stop"] == 62.56
    assert frame.loc["a_b", "car_stop_std"] == 0.44
    assert tuple(frame.loc["c", ["delta_low", "delta_high"]]) == (-2.0, -0.1)
    assert frame.loc["paper", "source"] == "Table 6"
    assert pd.isna(frame.loc["vis", "delta"])


def test_latex_escapes_and_marks(table):
    text = formats.to_latex(table)
    assert r"a\_b & \textbf{62.6}\,{\tiny $\pm$ 0.4} & \textbf{1.0}" in text
    assert r"\underline{60.0}" in text
    assert r"What 100 \% \& more\_means." in text
    assert text.count(r"\toprule") == text.count(r"\midrule") == text.count(r"\bottomrule") == 1


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex here")
def test_latex_compiles_into_a_two_column_paper(table, tmp_path):
    document = (
        r"\documentclass[twocolumn]{article}\usepackage{booktabs}\begin{document}"
        + formats.to_latex(table)
        + r"\end{document}"
    )
    (tmp_path / "paper.tex").write_text(document, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert result.returncode == 0, result.stdout.decode(errors="replace")[-2000:]
    assert b"Overfull" not in result.stdout


def test_the_terminal_shows_inputs_as_columns(table):
    console = Console(width=100, record=True, file=io.StringIO())
    show(table, console)
    text = console.export_text().replace("\u00a0", " ")
    rows = [line.split("│") for line in text.splitlines()]
    printed = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    assert ["car stop ↑", "60.0", "62.6 ± 0.4", "59.0", "99.0"] in printed
    assert ["CPU time (ms) ↓", "3.0", "1.0", "2.0", "–"] in printed
    assert ["Δ VIS", "–", "+2.5", "−1.0", "–"] in printed


def _headline(rows):
    columns = [Column("miou", "mIoU")]
    return Table("segmentation", "", "Input", columns, rows)


def test_verdict_names_the_winner_and_does_not_oversell():
    fused = Row("mine", {
        "miou": Cell(67.3, 0.5),
        "delta_ir": Cell(8.1, None, (5.0, 11.0)),
        "delta_vis": Cell(0.7, None, (-0.4, 1.9)),
    })  # fmt: skip
    text = verdict(_headline([Row("vis", {"miou": Cell(66.6, 0.2)}), fused]), True)
    assert text == (
        "mine segments best: mIoU 67.3 ± 0.5 %; +8.1 points against IR (95 % interval +5.0 to "
        "+11.0); +0.7 points against VIS (95 % interval −0.4 to +1.9), which does not rule out "
        "chance."
    )


def test_verdict_says_when_fusion_loses_and_when_there_is_one_seed():
    rows = [Row("vis", {"miou": Cell(66.6)}), Row("mine", {"miou": Cell(60.0)})]
    text = verdict(_headline(rows), True)
    assert text.startswith("VIS segments best: mIoU 66.6 %.")
    assert "No fused input beats it." in text
    assert "One seed" in text


def test_verdict_without_labels():
    assert "no labels" in verdict(None, False)

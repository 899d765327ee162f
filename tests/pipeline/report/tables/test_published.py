"""Published numbers against the papers' own files, and against their own arithmetic."""

import csv
import hashlib
from collections import Counter

import pandas as pd
import pytest

from fusion.metrics import ALL
from pipeline.params.data import MSRS_CLASSES
from pipeline.report.statistics.ranking import PAPER_METRICS, rank_sums
from pipeline.report.tables import formats, published
from pipeline.report.tables.published import papers
from pipeline.report.tables.published.numbers import numbers
from pipeline.report.tables.side_by_side import side_by_side, table_5
from pipeline.report.tables.table import Cell, Column, Row, Table

TABLES = {"lkc_funet": (2, 3, 4, 5, 6, 7), "mmif_amin": (1, 2, 3, 4, 5)}
AUTHORS = {"lkc_funet": "He et al.", "mmif_amin": "Luo and Xu"}
SHA = "abd4348e3256e9c31b5b015e4fdc10bec3d74ab6b5e884e71d8d73e7b1d3c7b2"
"""Of all files of the two papers, one after another by name."""

NO_RESULTS = {
    "dataset", "pairs", "method", "printed_name", "row", "norm", "lkc", "mpafm", "g1_lkcblock",
    "g2_lkdcblock", "variant", "idb", "tmu", "cbam", "mcfem", "kernels", "alpha_1", "alpha_2",
    "beta_1", "beta_2", "weights", "year", "architecture", "focus", "scenarios",
}  # fmt: skip


def _file(paper: str, table: int) -> list[dict[str, str]]:
    path = papers.FOLDER / f"{paper}_table_{table}.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _of(paper: str, table: int) -> pd.DataFrame:
    found = numbers()
    return found[
        found["source"].str.startswith(AUTHORS[paper])
        & found["source"].str.endswith(f", Table {table}")
    ]


def test_the_files_are_the_copies_that_were_read_twice() -> None:
    content = b"".join(file.read_bytes() for file in sorted(papers.FOLDER.glob("*.csv")))
    assert hashlib.sha256(content).hexdigest() == SHA
    printed = sum(
        key not in NO_RESULTS or key in ("year", "g1_lkcblock", "g2_lkdcblock")
        for paper, last in (("lkc_funet", 7), ("mmif_amin", 5))
        for table in range(1, last + 1)
        for row in _file(paper, table)
        for key in row
    )
    assert printed == 1031


@pytest.mark.parametrize(
    ("paper", "table"), [(paper, table) for paper, tables in TABLES.items() for table in tables]
)
def test_every_printed_number_is_there_digit_for_digit(paper: str, table: int) -> None:
    expected = Counter(
        value for row in _file(paper, table) for key, value in row.items() if key not in NO_RESULTS
    )
    found = _of(paper, table)
    assert Counter(found["printed"]) == expected
    assert (found["value"] == found["printed"].astype(float)).all()


def test_there_are_1005_numbers_of_the_two_papers_each_with_its_data() -> None:
    found = numbers()
    of_papers = found[found["source"].str.startswith(tuple(AUTHORS.values()))]
    assert len(of_papers) == 1005
    unknown = of_papers[(of_papers["dataset"] == "") | (of_papers["pairs"] == "")]
    assert set(unknown["layout"]) == {"7"}  # costs of one 256×256 image
    assert not found.duplicated(["source", "dataset", "method", "metric"]).any()
    assert found["url"].str.match(r"https://(arxiv\.org|github\.com)/").all()
    ranks = {f"rank_mri-{one}" for one in ("ct", "pet", "spect")}
    costs = {"miou", "parameters", "flops", "cpu_ms", "gpu_ms"}
    known = {*ALL, *MSRS_CLASSES, *ranks, *costs}
    assert set(found["metric"]) - known == {"SSIM_sum"}


DOUBTFUL = {
    ("4", "mri-ct", "EMMA", "SCD"), ("4", "mri-ct", "DM-FNet", "SCD"),
    ("4", "mri-pet", "FATFusion", "SF"), ("5", "m3fd", "EMMA", "AG"), ("5", "tno", "EMMA", "AG"),
    ("5", "tno", "MLFuse", "SCD"), ("6", "msrs", "DCINN", "guardrail"),
    ("7", "", "MMDRFuse", "rank_mri-pet"),
    *(("7", "", name, f"rank_mri-{one}") for name in ("MLFuse", "MMAE")
      for one in ("ct", "pet", "spect")),
}  # fmt: skip
"""Of LKC-FUNet, from the README's list."""

THREE_DECIMALS = (
    "32.919", "31.546", "2.904", "0.691", "6.085", "2.978", "4.327", "46.471", "1.746", "2.635",
    "45.283",
)  # fmt: skip
"""Of MMIF-AMIN's Tables 3 to 5, from the same list."""


def test_doubtful_cells_are_those_of_the_readme() -> None:
    found = numbers()
    marked = found[found["note"].str.contains("doubtful in print")]
    lkc = marked[marked["source"].str.startswith("He")]
    keys = lkc[["layout", "dataset", "method", "metric"]]
    assert set(keys.itertuples(index=False, name=None)) == DOUBTFUL
    # The README's numbers with three decimals, its two rows of equal EN and AG, and Table 2.
    amin = marked[marked["source"].str.startswith("Luo") & (marked["layout"] != "7")]
    assert sorted(amin["printed"]) == sorted(THREE_DECIMALS + ("6.0835", "6.8688") * 2)
    of_figures = marked[marked["source"].str.startswith("EMMA")]
    assert list(of_figures["method"] + of_figures["metric"]) == ["DDFMmiou"]
    assert len(marked) - len(lkc) - len(amin) - len(of_figures) == 20


def test_metrics_with_other_definitions_say_so() -> None:
    amin = numbers()[lambda found: found["source"].str.startswith("Luo")]
    told = amin[amin["note"].str.contains("not our definition")]
    assert set(told["metric"]) == {"AG", "VIFF", "NMI", "PSNR"}
    assert len(told) == amin["metric"].isin(["AG", "VIFF", "NMI", "PSNR"]).sum() == 4 * 44


def test_rank_sums_of_table_7_follow_from_table_4_but_in_the_doubtful_cells() -> None:
    table_4, table_7 = _of("lkc_funet", 4), _of("lkc_funet", 7)
    wrong = set()
    for task in ("mri-ct", "mri-pet", "mri-spect"):
        cells = table_4[table_4["dataset"] == task]
        wide = cells.pivot_table(index="method", columns="metric", values="value")
        frames = {str(name): wide.loc[[name], list(PAPER_METRICS)] for name in wide.index}
        printed = table_7[table_7["metric"] == f"rank_{task}"].set_index("method")["value"]
        sums = rank_sums(frames, "paper")
        wrong |= {(name, task) for name, total in sums.items() if total != printed[name]}
    assert wrong == {
        (name, metric.removeprefix("rank_"))
        for layout, _, name, metric in DOUBTFUL
        if layout == "7"
    }
    assert 27 - len(wrong) == 20


def test_a_row_says_its_source_pairs_and_convention_and_is_not_ranked() -> None:
    rows = {(row.label, row.published): row for row in published.rows("5", ["msrs"])}
    row = rows["LKC-FUNet", "He et al., arXiv 2411.10036, Table 5; 361 pairs; convention paper"]
    assert not row.ranked
    assert {key: cell.printed for key, cell in row.cells.items()} == {
        "SD": "46.574", "AG": "4.939", "SF": "15.377", "SCD": "1.682", "VIFF": "0.883",
        "SSIM": "0.680",
    }  # fmt: skip
    assert len(rows) == 11  # ten of Table 5, and FILM
    assert len([row for row in published.rows("6", ["msrs"]) if "Table 6" in row.published]) == 12
    assert published.rows("5", ["demo"]) == []
    assert len([row for row in published.rows("7") if "Table 7" in row.published]) == 9


@pytest.mark.parametrize(("dataset", "count"), [("msrs", 23), ("fmb", 13)])
def test_segmentation_rows_are_those_of_the_file_with_their_protocol(
    dataset: str, count: int
) -> None:
    path = papers.FOLDER.parent / f"segmentation/{dataset}_miou.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        expected = {
            (
                row.pop("method"),
                f"{row.pop('source')}, {row.pop('table')}; network: {row.pop('network')}; "
                f"training: {row.pop('train_protocol')}",
            ): row
            for row in csv.DictReader(lines)
        }
    rows = {(row.label, row.published): row for row in published.rows("6", [dataset])}
    assert len(expected) == count
    for key, printed in expected.items():
        assert {name: cell.printed for name, cell in rows[key].cells.items()} == printed
        assert not rows[key].ranked
    others = [source for _, source in rows.keys() - expected.keys()]
    assert others == ["He et al., arXiv 2411.10036, Table 6; MSRS's own test split; network: "
                      "DeepLabV3; training: retrained on each input"] * len(others)  # fmt: skip
    assert len(others) == (12 if dataset == "msrs" else 0)


def test_published_rows_stand_below_and_change_no_mark() -> None:
    rows = [Row("a", {"SD": Cell(1.0)}), Row("b", {"SD": Cell(0.5)})]
    measured = Table("fusion", "Means.", "Method", [Column("SD", "SD", decimals=3)], rows)
    shown = published.beside(measured, "5", ["tno"])
    assert [row.label for row in shown.rows[:2]] == ["a", "b"]
    assert all(row.published for row in shown.rows[2:])
    marks = [shown.mark(row, shown.columns[0]) for row in shown.rows]
    assert marks == ["best", "second"] + [""] * (len(marks) - 2)
    assert measured.rows == rows


def _frame(value: float) -> pd.DataFrame:
    return pd.DataFrame({"name": ["x", "y"], **{key: [value, value + 1] for key in PAPER_METRICS}})


def test_table_5_has_its_three_sets_side_by_side() -> None:
    table = table_5({"msrs": {"mine": _frame(2)}, "tno": {"mine": _frame(5)}}, "paper")
    assert table is not None
    assert [column.key for column in table.columns] == [
        f"{one}_{metric}" for one in ("msrs", "m3fd", "tno") for metric in PAPER_METRICS
    ]
    cells = {row.label: row.cells for row in table.rows if "CDDFuse" not in row.published}
    assert (cells["mine"]["msrs_SD"].value, cells["mine"]["tno_SSIM"].value) == (2.5, 5.5)
    assert "m3fd_SD" not in cells["mine"]
    assert cells["SHIP"]["m3fd_SF"].printed == "15.247"
    assert cells["LKC-FUNet"]["tno_AG"].printed == "6.631"
    assert "2 of MSRS, 2 of TNO" in table.caption
    assert table_5({"demo": {"mine": _frame(2)}}, "paper") is None


def test_a_medical_table_has_the_rows_of_both_papers_and_says_whose_definitions() -> None:
    frames = {"mine": pd.DataFrame({"name": ["x"], "AG": [1.0], "Qabf": [0.5], "PSNR": [20.0]})}
    table = side_by_side("t", {"mri-spect": frames}, ("AG", "Qabf", "PSNR"), "paper", "4")
    rows = {(row.label, row.published.partition(",")[0]): row.cells for row in table.rows}
    amin = rows["MMIF-AMIN", "Luo and Xu"]
    assert amin["mri-spect_PSNR"].printed == "52.9264"
    assert amin["mri-spect_Qabf"].note == ""
    assert amin["mri-spect_AG"].note.startswith("not our definition: ")
    assert rows["LKC-FUNet", "He et al."]["mri-spect_AG"].note == ""
    assert len([row for row in table.rows if "Table 1; 20 pairs" in row.published]) == 10
    assert not any("Table 3" in row.published for row in table.rows)  # that of MRI-PET


def test_footnotes_are_marked_and_told_in_every_format() -> None:
    columns = [Column("guardrail", "guardrail"), Column("miou", "mIoU")]
    table = published.beside(Table("t", "IoU.", "Input", columns), "6", ["msrs"])
    note = "doubtful in print: marked second though MMDRFuse has 69.0"
    mean = "doubtful in print: the mean of the nine printed classes is 61.46"
    assert table.notes == {note: "a", mean: "b"}
    assert "67.3<sup>a</sup>" in formats.to_markdown(table)
    assert formats.to_markdown(table).endswith(f"a: {note}; b: {mean}.\n")
    assert "67.3$^{a}$" in formats.to_latex(table)
    assert f"a: {note}" in formats.to_latex(table)
    frame = formats.to_frame(table)
    frame = frame[frame["source"].str.startswith("He et al.")].set_index("input")
    assert frame.loc["DCINN", "notes"] == f"guardrail: {note}"
    assert frame.loc["SHIP", "notes"] == ""


def test_what_a_source_was_measured_on_is_told_once_below_the_table() -> None:
    table = published.beside(Table("t", "IoU.", "Input", [Column("miou", "mIoU")]), "6", ["msrs"])
    told = "He et al., arXiv 2411.10036, Table 6 – MSRS's own test split; network: DeepLabV3"
    for text in (formats.to_markdown(table), formats.to_latex(table).replace("--", "–")):
        assert text.count("(He et al., arXiv 2411.10036, Table 6) ") == 12
        assert text.count(told) == text.count("network: DeepLabV3") == 1
    below = formats.to_markdown(table).partition("not ranked.\n\n")[2].split("\n")
    assert [line.partition(",")[0] for line in below[:4]] == [
        "- He et al.",
        "- CDDFuse",
        "- EMMA",
        "- PSFusion",
    ]
    named = Table("t", "t.", "Input", [], [Row("paper", {}, published="Table 6")])
    assert formats.sources(named) == []


@pytest.mark.parametrize(
    ("table", "proposed", "total", "second"), [(4, "Ours", 40.5, 44.5), (5, "adaptive", 22, 33)]
)
def test_ablations_of_mmif_amin_rank_the_proposed_row_first(
    table: int, proposed: str, total: float, second: float
) -> None:
    """Its Figures 9 and 10, from the eight printed metrics; equals share the mean place."""
    cells = _of("mmif_amin", table)
    wide = cells.pivot_table(index="method", columns="metric", values="value")
    sums = rank_sums({str(name): wide.loc[[name]] for name in wide.index}, "all")
    assert sums[proposed] == total
    assert sorted(sums.values())[:2] == [total, second]

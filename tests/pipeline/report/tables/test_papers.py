"""The papers' tables as data: what their arithmetic says must hold in the files."""

import pandas as pd
import pytest

from pipeline.report.tables.published import papers
from pipeline.stage.errors import UserError

LKC_METRICS = ["SD", "AG", "SF", "SCD", "VIFF", "SSIM"]
ROWS = {
    "lkc_funet": {1: 12, 2: 11, 3: 7, 4: 27, 5: 30, 6: 12, 7: 9},
    "mmif_amin": {1: 10, 2: 10, 3: 10, 4: 15, 5: 9},
}


def numbers(paper: str, table: int, columns: list[str]) -> pd.DataFrame:
    return papers.read(paper, table)[columns].astype(float)


def test_every_table_has_its_rows() -> None:
    found = {
        paper: {table: len(papers.read(paper, table)) for table in tables}
        for paper, tables in ROWS.items()
    }
    assert found == ROWS


def test_the_proposed_row_of_the_ablations_is_the_mean_over_the_medical_tasks() -> None:
    """Of LKC-FUNet: rows k of Table 2 and e of Table 3, within the rounding of three decimals."""
    table = papers.read("lkc_funet", 4)
    own = numbers("lkc_funet", 4, LKC_METRICS)[table["method"] == "LKC-FUNet"].mean()
    for number, row in ((2, "k"), (3, "e")):
        ablation = papers.read("lkc_funet", number)
        printed = numbers("lkc_funet", number, LKC_METRICS)[ablation["row"] == row].iloc[0]
        assert printed.tolist() == pytest.approx(own.tolist(), abs=1.1e-3)


def test_miou_is_the_mean_of_the_nine_classes() -> None:
    table = papers.read("lkc_funet", 6)
    classes = table.iloc[:, 3:12].astype(float).mean(axis=1)
    assert table["miou"].astype(float).tolist() == pytest.approx(classes.tolist(), abs=0.08)


def test_numbers_keep_their_printed_digits() -> None:
    table = papers.read("mmif_amin", 3).set_index("method")
    assert (table.loc["M4FNet", "PSNR"], table.loc["MATR", "PSNR"]) == ("28.5000", "32.919")


def test_an_unknown_table_names_those_there_are() -> None:
    with pytest.raises(UserError, match=r"lkc_funet_table_9.*lkc_funet_table_2.*mmif_amin_table_5"):
        papers.read("lkc_funet", 9)

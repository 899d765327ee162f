"""The rows of LKC-FUNet's ablation tables: the paper's, number for number, and they train."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

from fusion.ablations.figure import ROWS
from fusion.ablations.rows import entries, read
from fusion.methods.base import registry
from fusion.methods.lkc_funet.norms import BatchChannelNorm
from pipeline.params import MethodSpec
from pipeline.report.tables.published import papers

SMALL = MethodSpec.model_validate(
    {"width": 16, "init_width": 8, "kernels": [5, 3], "groups": 4, "init_groups": 4,
     "training": {"epochs": 3}}
)  # fmt: skip
METRICS = ["SD", "AG", "SF", "SCD", "VIFF", "SSIM"]
NORMS = {
    "BN": ("batch", "batch"), "none": ("none", "none"), "LN": ("layer", "layer"),
    "BCN": ("bcn", "bcn"), "IN": ("instance", "instance"), "GN": ("group", "group"),
    "BN+GN": ("batch", "group"), "IN+GN": ("instance", "group"),
}  # fmt: skip
"""A printed normalisation as that of InitBlock and that of the rest."""


def printed(table: int) -> pd.DataFrame:
    """The file itself, not by the project's reader."""
    return pd.read_csv(papers.FOLDER / f"lkc_funet_table_{table}.csv", dtype=str).set_index("row")


def test_table_2_has_the_paper_s_rows() -> None:
    rows = read("lkc_funet").rows("2")
    paper = printed(2)
    assert list(rows) == list(paper.index)
    for key, row in rows.items():
        init_norm, norm = NORMS[paper.loc[key, "norm"]]
        assert row.params == {
            "init_norm": init_norm, "norm": norm, "recalibrate": "encoder",
            "lkc": paper.loc[key, "lkc"] == "yes", "mpafm": paper.loc[key, "mpafm"] == "yes",
        }, key  # fmt: skip
        assert ("LKC" in row.label) == row.params["lkc"]
        assert ("MPAFM" in row.label) == row.params["mpafm"]


def test_table_3_has_the_paper_s_rows() -> None:
    rows = read("lkc_funet").rows("3")
    paper = printed(3).astype({"g1_lkcblock": int, "g2_lkdcblock": int})
    groups = paper[["g1_lkcblock", "g2_lkdcblock"]].apply(tuple, axis=1).to_dict()
    found = {key: (row.params["groups"], row.params["lkdc_groups"]) for key, row in rows.items()}
    assert list(found.items()) == list(groups.items())
    proposed = read("lkc_funet").rows("2", "k")["k"].params
    for row in rows.values():
        assert row.params == proposed | {key: row.params[key] for key in ("groups", "lkdc_groups")}


@pytest.mark.parametrize("table", [2, 3])
def test_rows_carry_the_printed_numbers(table) -> None:
    paper = printed(table)[METRICS].astype(float)
    for key, row in read("lkc_funet").rows(str(table)).items():
        shown = row.published("lkc_funet", str(table), key)
        assert {m: cell.value for m, cell in shown.cells.items()} == paper.loc[key].to_dict()


def test_figure_3_compares_the_norms_of_init_block() -> None:
    """Rows h and k: BN + GN and IN + GN, alike otherwise."""
    assert ROWS == {"BN": "h", "IN": "k"}
    paper = printed(2)[["norm", "lkc", "mpafm"]]
    assert paper.loc["h"].tolist() == ["BN+GN", "yes", "yes"]
    assert paper.loc["k"].tolist() == ["IN+GN", "yes", "yes"]


@pytest.mark.parametrize("table", ["2", "3"])
def test_every_row_trains_at_a_small_size(table) -> None:
    found = read("lkc_funet")
    for name, entry in entries(SMALL, "lkc_funet", table, found.rows(table), found).items():
        torch.manual_seed(0)
        method = registry.create(entry["type"], **MethodSpec.model_validate(entry).own)
        sum(method.losses(torch.rand(2, 1, 16, 16), torch.rand(2, 3, 16, 16)).values()).backward()
        assert all(p.grad is not None for p in method.parameters()), name


def network(params: dict[str, Any]) -> torch.nn.Module:
    """The network at the released size, without memory."""
    with torch.device("meta"):
        return registry.create("lkc_funet", **params).network


def groups(part: torch.nn.Module) -> list[tuple[int, int]]:
    return [(m.num_groups, m.num_channels) for m in part.modules() if hasattr(m, "num_groups")]


def test_rows_of_table_2_are_built_of_what_they_name() -> None:
    built = {key: network(row.params) for key, row in read("lkc_funet").rows("2").items()}
    kinds = {key: {type(m).__name__ for m in net.modules()} for key, net in built.items()}
    assert not kinds["c"] & {"GroupNorm", "BatchChannelNorm"}
    assert kinds["a"] & {"GroupNorm", "BatchNorm2d"} == {"BatchNorm2d"}
    assert sum(isinstance(m, BatchChannelNorm) for m in built["e"].modules()) > 40
    for key, net in built.items():
        kernels = {m.kernel_size[0] for m in net.modules() if isinstance(m, torch.nn.Conv2d)}
        assert (15 in kernels) == (key not in "ai"), key
        assert ("MPAFM" in kinds[key]) == (key != "j"), key
    assert sum(p.numel() for p in built["k"].parameters()) == 41_174_438
    assert groups(built["g"].IN_conv) == [(8, 32)]
    assert groups(built["k"].IN_conv) == [(32, 32)]  # IN
    assert set(groups(built["d"])) >= {(1, 32), (1, 128), (1, 160), (1, 256)}


@pytest.mark.parametrize(
    ("key", "joined"), [("c", 8), ("d", 16), ("e", 32), ("f", 80), ("g", 160), ("h", 32), ("i", 32)]
)
def test_rows_of_table_3_have_their_groups(key, joined) -> None:
    """`joined`: of the one block of 160 channels, by hand; 2 or 1 a group where it must differ."""
    params = read("lkc_funet").rows("3", key)[key].params
    g1, g2 = params["groups"], params["lkdc_groups"]
    net = network(params)
    lkc = [
        pair
        for part in (*net.downs, *net.ups, net.final_conv)
        if "LKDC" not in type(getattr(part, "res_block", part)).__name__
        for pair in groups(part)
    ]
    assert set(lkc) == {(g1, 128), (g1, 256), (joined, 160)}
    depthwise = [
        pair
        for part in (*net.downs, *net.mid, *net.ups)
        if "LKDC" in type(getattr(part, "res_block", part)).__name__
        for pair in groups(part)
    ]
    assert set(depthwise) == {(g2, 128), (g2, 192)}


def test_rows_are_laid_over_the_user_s_own_network() -> None:
    found = read("lkc_funet")
    chosen = found.rows("2", "a")
    base = SMALL.model_copy(update={"weights": Path("released.pth")})
    assert entries(base, "lkc_funet", "2", chosen, found) == {
        "lkc_funet_t2_a": {
            "type": "lkc_funet", "training": {"epochs": 3},
            "width": 16, "init_width": 8, "kernels": [5, 3], "groups": 4, "init_groups": 4,
            "init_norm": "batch", "norm": "batch", "lkc": False, "mpafm": True,
            "recalibrate": "encoder",
        }
    }  # fmt: skip


def test_groups_have_as_many_channels_at_any_width() -> None:
    """At width 16 an eighth of the printed groups; one group stays one, 128 are one a channel."""
    found = read("lkc_funet")
    small = entries(SMALL, "lkc_funet", "3", found.rows("3"), found)
    groups = {name[-1]: (one["groups"], one["lkdc_groups"]) for name, one in small.items()}
    assert groups == {
        "c": (1, 1), "d": (2, 1), "e": (4, 1), "f": (8, 1), "g": (16, 1), "h": (4, 1), "i": (4, 2),
    }  # fmt: skip
    released = entries(MethodSpec(), "lkc_funet", "3", found.rows("3", "i"), found)
    assert (released["lkc_funet_t3_i"]["groups"], released["lkc_funet_t3_i"]["lkdc_groups"]) == (
        32,
        16,
    )


def test_a_row_has_an_entry_for_each_seed() -> None:
    found = read("lkc_funet")
    made = entries(SMALL, "lkc_funet", "2", found.rows("2", "a,k"), found, seeds=(0, 7))
    assert {name: one["training"] for name, one in made.items()} == {
        f"lkc_funet_t2_{row}_s{seed}": {"epochs": 3, "seed": seed}
        for row in ("a", "k")
        for seed in (0, 7)
    }

"""The rows of MMIF-AMIN's ablation tables: the paper's, number for number, and they train."""

import pandas as pd
import pytest
import torch

from fusion.ablations.rows import AblationRow, read
from fusion.methods.base import registry
from fusion.methods.mmif_amin.mcfem import CBAM, MCFEM, TransformerUnit
from fusion.methods.mmif_amin.network import MmifAmin
from pipeline.report.tables.published import papers

METRICS = ["EN", "AG", "MI", "VIFF", "QABF", "NMI", "PSNR", "AFM"]


def printed(table: int) -> list[dict[str, str]]:
    """Rows of the file itself, not by the project's reader."""
    path = papers.FOLDER / f"mmif_amin_table_{table}.csv"
    return pd.read_csv(path, dtype=str, keep_default_na=False).to_dict("records")  # type: ignore[return-value]


def pairs(table: int) -> list[tuple[AblationRow, dict[str, str]]]:
    """Our rows beside the printed ones, in their order."""
    return list(zip(read("mmif_amin").rows(str(table)).values(), printed(table), strict=True))


def made(row: AblationRow) -> MmifAmin:
    network = registry.create("mmif_amin", **row.params)
    assert isinstance(network, MmifAmin)
    return network


def count(network: MmifAmin, kind: type[torch.nn.Module]) -> int:
    return sum(isinstance(part, kind) for part in network.modules())


@pytest.mark.parametrize(("row", "paper"), pairs(4), ids=[row["variant"] for row in printed(4)])
def test_table_4(row: AblationRow, paper: dict[str, str]) -> None:
    network = made(row)
    assert len(network.first.blocks) == len(network.second.blocks) == int(paper["idb"])
    assert (network.joint is not None) == (paper["mcfem"] == "yes")
    assert count(network, TransformerUnit) == int(paper["tmu"] or 0)
    assert count(network, CBAM) == (paper["cbam"] == "yes")
    if isinstance(network.joint, MCFEM):
        side = {"3x3": 3, "5x5": 5, "7x7": 7}.get(paper["kernels"])
        branches = [branch.kernel_size for branch in network.joint.scales.branches]
        assert branches == [(side or k, side or k) for k in (3, 5, 7)]
        for around in (network.joint.lead, network.joint.trail):  # all of MCFEM, not the branches
            assert around.kernel_size == (side or 3, side or 3)
    assert network.alpha is network.beta is None and not network.normalise


@pytest.mark.parametrize(("row", "paper"), pairs(5))
def test_table_5(row: AblationRow, paper: dict[str, str]) -> None:
    network = made(row)
    weights = [paper[key] for key in ("alpha_1", "alpha_2", "beta_1", "beta_2")]
    if paper["weights"] == "adaptive":
        assert network.alpha is network.beta is None
        assert weights == [""] * 4
    else:
        assert network.alpha is not None and network.beta is not None
        assert [*network.alpha, *network.beta] == [float(each) for each in weights]


@pytest.mark.parametrize("table", [4, 5])
def test_rows_carry_the_printed_numbers(table: int) -> None:
    for row, paper in pairs(table):
        expected = {name.replace("QABF", "Qabf"): float(paper[name]) for name in METRICS}
        shown = row.published("mmif_amin", str(table), "x")
        assert shown is not None
        assert {metric: cell.value for metric, cell in shown.cells.items()} == expected


@pytest.mark.parametrize("table", ["4", "5"])
def test_the_proposed_network_is_a_row_without_changes(table: str) -> None:
    *_, last = read("mmif_amin").rows(table).values()
    assert last.params == {}


@pytest.mark.parametrize("row", [row for table in (4, 5) for row, _ in pairs(table)])
def test_rows_train(row: AblationRow) -> None:
    network = made(row)
    ir, vis = torch.rand(1, 1, 16, 20), torch.rand(1, 3, 16, 20)
    assert network(ir, vis).shape == vis.shape
    torch.stack(list(network.losses(ir, vis).values())).sum().backward()
    gradient = network.reconstruction.weight.grad
    assert gradient is not None
    assert gradient.abs().sum() > 0

"""Every row of MMIF-AMIN's ablation tables is made as its name says, and trains."""

from collections.abc import Callable

import pytest
import torch

from fusion.ablations.rows import read
from fusion.methods.base import registry
from fusion.methods.mmif_amin.mcfem import CBAM, MultiScaleConvolution, TransformerMultiScaleUnit
from fusion.methods.mmif_amin.network import MmifAmin

ROWS = {
    (table, key): row
    for table, rows in read("mmif_amin").tables.items()
    for key, row in rows.items()
}


def count(network: MmifAmin, kind: type[torch.nn.Module]) -> int:
    return sum(isinstance(part, kind) for part in network.modules())


def sides(network: MmifAmin) -> set[int]:
    parts = [part for part in network.modules() if isinstance(part, MultiScaleConvolution)]
    return {branch.kernel_size[0] for part in parts for branch in part.branches}


EXPECTED: dict[str, Callable[[MmifAmin], bool]] = {
    "idb_2": lambda n: len(n.first.blocks) == len(n.second.blocks) == 2,
    "idb_4": lambda n: len(n.first.blocks) == len(n.second.blocks) == 4,
    "idb_8": lambda n: len(n.first.blocks) == len(n.second.blocks) == 8,
    "tmu_1": lambda n: count(n, TransformerMultiScaleUnit) == 1,
    "tmu_2": lambda n: count(n, TransformerMultiScaleUnit) == 2,
    "tmu_4": lambda n: count(n, TransformerMultiScaleUnit) == 4,
    "no_cbam": lambda n: count(n, CBAM) == 0 and count(n, TransformerMultiScaleUnit) == 3,
    "no_mcfem": lambda n: n.joint is None,
    "kernels_3": lambda n: sides(n) == {3},
    "kernels_5": lambda n: sides(n) == {5},
    "kernels_7": lambda n: sides(n) == {7},
    "fixed": lambda n: (n.alpha, n.beta) == (0.5, 0.5),
    "fixed_alpha": lambda n: (n.alpha, n.beta) == (0.5, None),
    "fixed_beta": lambda n: (n.alpha, n.beta) == (None, 0.5),
    "fixed_first": lambda n: (n.alpha, n.beta) == (0.7, 0.7),
    "fixed_second": lambda n: (n.alpha, n.beta) == (0.3, 0.3),
}


def test_all_are_expected_and_beside_the_whole_method() -> None:
    tables = read("mmif_amin").tables
    assert set(tables["4"]) | set(tables["5"]) == {"full", *EXPECTED}
    assert {key for key in tables["5"] if key != "full"} == {k for k in EXPECTED if "fixed" in k}
    assert tables["4"]["full"].params == tables["5"]["full"].params == {}


@pytest.mark.parametrize(("table", "key"), [each for each in ROWS if each[1] != "full"])
def test_row(table: str, key: str) -> None:
    network = registry.create("mmif_amin", **ROWS[table, key].params)
    assert isinstance(network, MmifAmin)
    assert EXPECTED[key](network)
    assert not EXPECTED[key](MmifAmin())
    ir, vis = torch.rand(1, 1, 16, 20), torch.rand(1, 3, 16, 20)
    assert network(ir, vis).shape == vis.shape
    torch.stack(list(network.losses(ir, vis).values())).sum().backward()
    gradient = network.reconstruction.weight.grad
    assert gradient is not None
    assert gradient.abs().sum() > 0

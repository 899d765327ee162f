"""Every ablation of MMIF-AMIN is made as its name says, and trains."""

from collections.abc import Callable

import pytest
import torch

from fusion import registry
from fusion.mmif_amin.mcfem import CBAM, MultiScaleConvolution, TransformerMultiScaleUnit
from fusion.mmif_amin.network import MmifAmin
from fusion.mmif_amin.variants import variants
from pipeline.params import FusionParams


def make(name: str) -> MmifAmin:
    """As a stage makes it of an entry in params.yaml."""
    entry = FusionParams.model_validate({"methods": {name: variants()[name]}}).methods[name]
    assert entry.type is not None
    network = registry.create(entry.type, **entry.own)
    assert isinstance(network, MmifAmin)
    return network


def count(network: MmifAmin, kind: type[torch.nn.Module]) -> int:
    return sum(isinstance(part, kind) for part in network.modules())


def sides(network: MmifAmin) -> set[int]:
    parts = [part for part in network.modules() if isinstance(part, MultiScaleConvolution)]
    return {branch.kernel_size[0] for part in parts for branch in part.branches}


EXPECTED: dict[str, Callable[[MmifAmin], bool]] = {
    "amin_idb_2": lambda n: len(n.first.blocks) == len(n.second.blocks) == 2,
    "amin_idb_4": lambda n: len(n.first.blocks) == len(n.second.blocks) == 4,
    "amin_idb_8": lambda n: len(n.first.blocks) == len(n.second.blocks) == 8,
    "amin_tmu_1": lambda n: count(n, TransformerMultiScaleUnit) == 1,
    "amin_tmu_2": lambda n: count(n, TransformerMultiScaleUnit) == 2,
    "amin_tmu_4": lambda n: count(n, TransformerMultiScaleUnit) == 4,
    "amin_no_cbam": lambda n: count(n, CBAM) == 0 and count(n, TransformerMultiScaleUnit) == 3,
    "amin_no_mcfem": lambda n: n.joint is None,
    "amin_kernels_3": lambda n: sides(n) == {3},
    "amin_kernels_5": lambda n: sides(n) == {5},
    "amin_kernels_7": lambda n: sides(n) == {7},
    "amin_fixed": lambda n: (n.alpha, n.beta) == (0.5, 0.5),
    "amin_fixed_alpha": lambda n: (n.alpha, n.beta) == (0.5, None),
    "amin_fixed_beta": lambda n: (n.alpha, n.beta) == (None, 0.5),
    "amin_fixed_first": lambda n: (n.alpha, n.beta) == (0.7, 0.7),
    "amin_fixed_second": lambda n: (n.alpha, n.beta) == (0.3, 0.3),
}


def test_all_are_expected() -> None:
    assert set(variants()) == set(EXPECTED)


@pytest.mark.parametrize("name", variants())
def test_variant(name: str) -> None:
    network = make(name)
    assert EXPECTED[name](network)
    assert not EXPECTED[name](MmifAmin())
    ir, vis = torch.rand(1, 1, 16, 20), torch.rand(1, 3, 16, 20)
    assert network(ir, vis).shape == vis.shape
    torch.stack(list(network.losses(ir, vis).values())).sum().backward()
    gradient = network.reconstruction.weight.grad
    assert gradient is not None
    assert gradient.abs().sum() > 0

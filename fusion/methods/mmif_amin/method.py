"""MMIF-AMIN, see `fusion.methods.mmif_amin`."""

from pydantic import NonNegativeFloat, NonNegativeInt, PositiveInt

from fusion.methods.base.registry import register
from fusion.methods.mmif_amin.network import MmifAmin

Weights = tuple[NonNegativeFloat, NonNegativeFloat]


@register("mmif_amin")
def mmif_amin(
    blocks: NonNegativeInt = 6,
    units: NonNegativeInt = 3,
    kernels: tuple[PositiveInt, ...] = (3, 5, 7),
    cbam: bool = True,
    mcfem: bool = True,
    alpha: Weights | None = None,
    beta: Weights | None = None,
    normalise: bool = False,
) -> MmifAmin:
    """MMIF-AMIN; the parameters are those its ablations change, see `MmifAmin`.

    The paper trains on 36 crops of 120×120 a pair, batches of 1, Adam at 1e-4, for 30 epochs.
    """
    return MmifAmin(blocks, units, kernels, cbam, mcfem, alpha, beta, normalise)

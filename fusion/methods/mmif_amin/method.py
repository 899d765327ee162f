"""MMIF-AMIN, see `fusion.methods.mmif_amin`."""

from typing import Annotated

from pydantic import Field, NonNegativeInt, PositiveInt

from fusion.methods.base.registry import register
from fusion.methods.mmif_amin.network import MmifAmin

Share = Annotated[float, Field(ge=0, le=1)]


@register("mmif_amin")
def mmif_amin(
    blocks: NonNegativeInt = 6,
    units: NonNegativeInt = 3,
    kernels: tuple[PositiveInt, ...] = (3, 5, 7),
    cbam: bool = True,
    mcfem: bool = True,
    alpha: Share | None = None,
    beta: Share | None = None,
) -> MmifAmin:
    """MMIF-AMIN; the parameters are those its ablations change, see `MmifAmin`.

    The paper trains on 120×120 crops, batches of 1, Adam at 1e-4, for 30 epochs.
    """
    return MmifAmin(blocks, units, kernels, cbam, mcfem, alpha, beta)

"""Weighted average of the two luminances: the simplest fusion there is."""

from typing import Annotated

from pydantic import Field
from torch import Tensor

from fusion.color import rgb_to_ycbcr, ycbcr_to_rgb
from fusion.registry import Method, register


@register("average")
def average(ir_weight: Annotated[float, Field(ge=0, le=1)] = 0.5) -> Method:
    """Y = w·IR + (1 − w)·Y_vis, chroma of VIS kept.

    Args:
        ir_weight: w, the share of IR.
    """

    def fuse(ir: Tensor, vis: Tensor) -> Tensor:
        y, cbcr = rgb_to_ycbcr(vis)
        return ycbcr_to_rgb(ir_weight * ir + (1 - ir_weight) * y, cbcr)

    return fuse

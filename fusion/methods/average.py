"""Weighted average of the two luminances: the simplest fusion there is."""

from typing import Annotated

from pydantic import Field

from fusion.methods.base.luminance import luminance_method
from fusion.methods.base.registry import Method, register


@register("average")
def average(ir_weight: Annotated[float, Field(ge=0, le=1)] = 0.5) -> Method:
    """Y = w·IR + (1 − w)·Y_vis, chroma of VIS kept.

    Args:
        ir_weight: w, the share of IR.
    """
    return luminance_method(lambda ir, y: ir_weight * ir + (1 - ir_weight) * y)

"""The brighter of the two luminances at every pixel."""

import torch

from fusion.methods.base.luminance import luminance_method
from fusion.methods.base.registry import Method, register


@register("maximum")
def maximum() -> Method:
    """Y = max(IR, Y_vis), chroma of VIS kept.

    The choose-max rule applied to pixels; networks for IR-VIS fusion (SeAFusion, PIAFusion)
    train their intensity loss towards it.
    """
    return luminance_method(torch.maximum)

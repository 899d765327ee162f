"""Methods that fuse luminance only and keep the colour of VIS."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fusion.methods.base.color import rgb_to_ycbcr, ycbcr_to_rgb
from fusion.methods.base.registry import Method

Gray = NDArray[np.float64]
"""One (H,W) luminance image in [0,1]."""


def luminance_method(fuse_y: Callable[[Tensor, Tensor], Tensor]) -> Method:
    """Make a method of a function that fuses luminances.

    Args:
        fuse_y: takes IR and the Y of VIS, both (N,1,H,W) in [0,1], and gives the fused Y of the
            same shape; what overshoots [0,1] is clipped.

    Returns:
        `method(ir, vis) -> fused`, with the chroma of VIS.
    """

    def fuse(ir: Tensor, vis: Tensor) -> Tensor:
        y, cbcr = rgb_to_ycbcr(vis)
        return ycbcr_to_rgb(fuse_y(ir, y).clamp(0, 1), cbcr)

    return fuse


def array_method(fuse_gray: Callable[[Gray, Gray], Gray]) -> Method:
    """As `luminance_method`, for a function of NumPy arrays that sees one pair at a time.

    Args:
        fuse_gray: takes IR and the Y of VIS, both (H,W) float64, and gives the fused Y.
    """

    def fuse_y(ir: Tensor, y: Tensor) -> Tensor:
        pairs = zip(_arrays(ir), _arrays(y), strict=True)
        fused = np.stack([fuse_gray(one_ir, one_y) for one_ir, one_y in pairs])
        return torch.from_numpy(fused)[:, None].to(y)

    return luminance_method(fuse_y)


def _arrays(luminance: Tensor) -> Gray:
    """(N,1,H,W) on any device as (N,H,W) float64."""
    gray: Gray = luminance[:, 0].detach().cpu().double().numpy()
    return gray

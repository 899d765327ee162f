"""Discrete wavelet transform with area-based selection and consistency verification.

H. Li, B. S. Manjunath and S. K. Mitra, "Multisensor Image Fusion Using the Wavelet Transform",
Graphical Models and Image Processing 57(3), 1995.
"""

from typing import Annotated

import numpy as np
import pywt
from pydantic import AfterValidator, Field
from scipy.ndimage import maximum_filter, uniform_filter

from fusion.methods.base.luminance import Gray, array_method
from fusion.methods.base.registry import Method, register

_AREA = 3  # side of the paper's window, for the activity and for the majority alike


def _known(wavelet: str) -> str:
    if wavelet not in pywt.wavelist(kind="discrete"):
        raise ValueError("not a discrete wavelet of PyWavelets, as haar, db2, sym4 or bior2.2 are")
    return wavelet


@register("dwt")
def dwt(
    wavelet: Annotated[str, AfterValidator(_known)] = "db2",
    levels: Annotated[int, Field(ge=1, le=12)] = 4,
) -> Method:
    """Choose each detail coefficient by its neighbourhood, average the approximation.

    The paper selects the approximation too; IR and VIS differ in brightness there, and averaging
    it, as is usual for them, avoids patches.

    Args:
        wavelet: a discrete wavelet of PyWavelets.
        levels: of the transform; fewer where the image is too small for the wavelet.
    """

    def fuse_gray(ir: Gray, y: Gray) -> Gray:
        depth = min(levels, pywt.dwt_max_level(min(ir.shape), wavelet))
        ir_base, *ir_details = pywt.wavedec2(ir, wavelet, level=depth)
        y_base, *y_details = pywt.wavedec2(y, wavelet, level=depth)
        details = [
            tuple(select(i, v) for i, v in zip(ir_bands, y_bands, strict=True))
            for ir_bands, y_bands in zip(ir_details, y_details, strict=True)
        ]
        fused: Gray = pywt.waverec2([(ir_base + y_base) / 2, *details], wavelet)
        # An odd side comes back one pixel longer.
        return fused[: ir.shape[0], : ir.shape[1]]

    return array_method(fuse_gray)


def select(ir: Gray, y: Gray) -> Gray:
    """Take each coefficient from the source with the larger one nearby (section 3 of the paper).

    The activity of a coefficient is the largest magnitude in its 3x3 area; the decision follows
    the majority of its 3x3 neighbours.

    Args:
        ir: (h,w) sub-band of IR.
        y: the same sub-band of VIS.
    """
    from_ir = maximum_filter(np.abs(ir), _AREA) > maximum_filter(np.abs(y), _AREA)
    majority = uniform_filter(from_ir.astype(np.float64), _AREA) > 0.5
    return np.where(majority, ir, y)

"""Luminance and colour: BT.601 YCbCr at full range (JPEG's), chroma centred on 0."""

import torch
from torch import Tensor

# ITU-R BT.601 luma; chroma scaled so that Cb and Cr lie in [-0.5, 0.5].
_KR, _KG, _KB = 0.299, 0.587, 0.114


def luminance(rgb: Tensor) -> Tensor:
    """Y of (N,3,H,W) RGB in [0,1] as (N,1,H,W) in [0,1]."""
    r, g, b = rgb.split(1, dim=1)
    return _KR * r + _KG * g + _KB * b


def rgb_to_ycbcr(rgb: Tensor) -> tuple[Tensor, Tensor]:
    """Split RGB into luminance and chroma.

    Args:
        rgb: (N,3,H,W) in [0,1].

    Returns:
        Y (N,1,H,W) in [0,1], and CbCr (N,2,H,W) in [-0.5,0.5].
    """
    y = luminance(rgb)
    cb = (rgb[:, 2:3] - y) / (2 * (1 - _KB))
    cr = (rgb[:, 0:1] - y) / (2 * (1 - _KR))
    return y, torch.cat((cb, cr), dim=1)


def ycbcr_to_rgb(y: Tensor, cbcr: Tensor) -> Tensor:
    """Inverse of `rgb_to_ycbcr`, clipped to [0,1]: out-of-gamut colours lose saturation."""
    cb, cr = cbcr.split(1, dim=1)
    r = y + 2 * (1 - _KR) * cr
    b = y + 2 * (1 - _KB) * cb
    g = (y - _KR * r - _KB * b) / _KG
    return torch.cat((r, g, b), dim=1).clamp(0, 1)

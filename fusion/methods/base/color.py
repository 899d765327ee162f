"""Luminance and colour: BT.601 YCbCr at full range (JPEG's), chroma centred on 0."""

import torch
from torch import Tensor

# ITU-R BT.601 luma; chroma scaled so that Cb and Cr lie in [-0.5, 0.5].
_KR, _KG, _KB = 0.299, 0.587, 0.114


def luminance(rgb: Tensor) -> Tensor:
    """Y of (N,3,H,W) RGB in [0,1] as (N,1,H,W) in [0,1]; of gray, that gray to the last bit."""
    r, g, b = rgb.split(1, dim=1)
    return g + _KR * (r - g) + _KB * (b - g)


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
    """Inverse of `rgb_to_ycbcr`, clipped to [0,1]: out-of-gamut colours lose saturation.

    Without chroma the three channels are equal to the last bit, so gray pairs fuse to gray files.
    """
    cb, cr = cbcr.split(1, dim=1)
    blue, red = 2 * (1 - _KB) * cb, 2 * (1 - _KR) * cr
    green = -(_KR * red + _KB * blue) / _KG
    return (y + torch.cat((red, green, blue), dim=1)).clamp(0, 1)

"""YCbCr against Pillow's, and what fusion relies on: gray stays gray, colours come back."""

import numpy as np
import torch
from PIL import Image

from fusion.methods.base.color import luminance, rgb_to_ycbcr, ycbcr_to_rgb


def colours() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)


def tensor(pixels: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255


def test_is_pillows_ycbcr_up_to_its_rounding() -> None:
    y, cbcr = rgb_to_ycbcr(tensor(colours()))
    ours = torch.cat((y * 255, cbcr * 255 + 128), dim=1)[0].permute(1, 2, 0).numpy()
    pillow = np.asarray(Image.fromarray(colours()).convert("YCbCr")).astype(float)
    assert abs(ours - pillow).max() < 1.01  # Pillow cuts the fraction off


def test_round_trip() -> None:
    rgb = tensor(colours())
    assert torch.allclose(ycbcr_to_rgb(*rgb_to_ycbcr(rgb)), rgb, atol=1e-6)


def test_gray_stays_gray_to_the_last_bit() -> None:
    gray = torch.rand(1, 1, 30, 30, generator=torch.Generator().manual_seed(0))
    rgb = gray.expand(-1, 3, -1, -1)
    assert torch.equal(luminance(rgb), gray)
    y, cbcr = rgb_to_ycbcr(rgb)
    assert not cbcr.any()
    assert torch.equal(ycbcr_to_rgb(y / 3, cbcr), (gray / 3).expand(-1, 3, -1, -1))


def test_fused_luminance_is_the_luminance_of_the_result() -> None:
    rgb = 0.4 + 0.2 * tensor(colours())
    fused = luminance(rgb) + 0.05
    assert torch.allclose(luminance(ycbcr_to_rgb(fused, rgb_to_ycbcr(rgb)[1])), fused, atol=1e-6)

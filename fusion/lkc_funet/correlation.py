"""How alike the channels after InitBlock are, place by place: Figure 3 of the paper."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch
from numpy.typing import ArrayLike
from torch import Tensor
from torch.nn import functional

from fusion.lkc_funet.network import LKCFUNet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# A window whose variance is below this share of its mean square is constant but for rounding.
_CONSTANT = 1e-6


def init_features(network: LKCFUNet, vis: Tensor, ir: Tensor) -> Tensor:
    """Features after InitBlock, (N,width,H,W), of VIS luminance and IR, (N,1,H,W) in [0,1]."""
    return network.IN_conv(network.init_conv(torch.cat((vis, ir), dim=1)))


def _shifts(x: Tensor, window: int) -> Iterator[Tensor]:
    """`x` at every offset of the window, cropped to the places where the window fits."""
    for rows in x.unfold(2, window, 1).unbind(-1):
        yield from rows.unfold(3, window, 1).unbind(-1)


def local_correlation(features: Tensor, window: int = 7) -> Tensor:
    """Mean Pearson correlation between all pairs of channels in a window around each pixel.

    With z the channels of one window, each of mean 0 and norm 1, the mean over the C(C − 1)
    ordered pairs is (‖Σ z‖² − C) / (C(C − 1)). The paper gives no formula; this is our reading of
    "local inter-channel correlation". Channels constant in a window count for nothing there.

    Args:
        features: (N,C,H,W) float, C at least 2.
        window: odd side of the window, pixels; beyond the border edge pixels repeat.

    Returns:
        (N,H,W) in [-1,1]; 0 where fewer than two channels vary.
    """
    x = functional.pad(features, [window // 2] * 4, mode="replicate")
    mean = functional.avg_pool2d(x, window, stride=1)
    square = functional.avg_pool2d(x.square(), window, stride=1)
    # Two passes: mean square less squared mean would drown flat windows in rounding.
    energy = torch.zeros_like(mean)
    for pixel in _shifts(x, window):
        energy += (pixel - mean).square()
    varies = energy > _CONSTANT * window**2 * square
    scale = torch.where(varies, energy, 1.0).rsqrt() * varies
    together = torch.zeros_like(mean[:, 0])
    for pixel in _shifts(x, window):
        together += ((pixel - mean) * scale).sum(dim=1).square()
    channels = varies.sum(dim=1)
    pairs = channels * (channels - 1)
    return torch.where(pairs > 0, (together - channels) / pairs.clamp(min=1), 0.0)


def correlation_figure(maps: dict[str, Tensor], image: ArrayLike | None = None) -> Figure:
    """Maps of `local_correlation` side by side under one colour scale.

    Args:
        maps: (H,W) map by the name of InitBlock's norm, e.g. IN and BN.
        image: (H,W) or (H,W,3) picture to show first.

    Returns:
        A matplotlib figure that belongs to no window.
    """
    from matplotlib.figure import Figure

    count = len(maps) + (image is not None)
    figure = Figure(figsize=(4.2 * count, 3.4), layout="constrained")
    axes = figure.subplots(1, count, squeeze=False)[0]
    if image is not None:
        axes[0].imshow(image, cmap="gray")
        axes[0].set_title("VIS")
    limit = max(float(each.abs().max()) for each in maps.values()) or 1.0
    for axis, (norm, each) in zip(axes[count - len(maps) :], maps.items(), strict=True):
        shown = axis.imshow(each.cpu(), cmap="RdBu_r", vmin=-limit, vmax=limit)
        axis.set_title(f"{norm}: mean {float(each.mean()):+.3f}")
    figure.colorbar(shown, ax=axes, label="correlation between channels", shrink=0.8)
    for axis in axes:
        axis.set_axis_off()
    return figure

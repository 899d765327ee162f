"""How alike the channels after InitBlock are, place by place: Figure 3 of the paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from numpy.typing import ArrayLike
from torch import Tensor
from torch.nn import functional

from fusion.methods.lkc_funet.network import LKCFUNet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# A window whose variance is below this share of its mean square is constant but for rounding.
_CONSTANT = 1e-6


def init_features(network: LKCFUNet, vis: Tensor, ir: Tensor) -> Tensor:
    """Features after InitBlock, (N,width,H,W), of VIS luminance and IR, (N,1,H,W) in [0,1]."""
    return network.IN_conv(network.init_conv(torch.cat((vis, ir), dim=1)))


def _standardised(patches: Tensor) -> tuple[Tensor, Tensor]:
    """Windows (..., pixels) with mean 0 and norm 1, and which of them vary at all."""
    centred = patches - patches.mean(dim=-1, keepdim=True)
    energy = centred.square().sum(dim=-1, keepdim=True)
    varies = energy > _CONSTANT * patches.square().sum(dim=-1, keepdim=True)
    return centred * torch.where(varies, energy, 1.0).rsqrt() * varies, varies.squeeze(-1)


def local_correlation(features: Tensor, window: int = 7) -> Tensor:
    """Mean |Pearson correlation| over all pairs of channels, in a window around each pixel.

    The paper shows such a map without a formula; this is our reading of it. Channels that are
    constant in a window have no correlation and are left out there.

    Args:
        features: (N,C,H,W) float, C at least 2.
        window: odd side of the window, pixels; beyond the border edge pixels repeat.

    Returns:
        (N,H,W) in [0,1]; 0 where fewer than two channels vary.
    """
    padded = functional.pad(features, [window // 2] * 4, mode="replicate")
    rows = []
    for y in range(features.shape[2]):  # a row at a time: all windows at once would fill memory
        strip = padded[:, :, y : y + window].unfold(3, window, 1)  # (N,C,window,W,window)
        patches, varies = _standardised(strip.permute(0, 3, 1, 2, 4).flatten(3))  # (N,W,C,pixels)
        total = (patches @ patches.transpose(2, 3)).abs().sum(dim=(2, 3))
        channels = varies.sum(dim=2)
        pairs = channels * (channels - 1)
        rows.append(torch.where(pairs > 0, (total - channels) / pairs.clamp(min=1), 0.0))
    return torch.stack(rows, dim=1)


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
    # Lone pixels beside saturated areas must not set the scale.
    limit = max(float(each.quantile(0.99)) for each in maps.values()) or 1.0
    for axis, (norm, each) in zip(axes[count - len(maps) :], maps.items(), strict=True):
        shown = axis.imshow(each.cpu(), cmap="viridis", vmin=0, vmax=limit)
        axis.set_title(f"{norm}: mean {float(each.mean()):.3f}")
    figure.colorbar(shown, ax=axes, label="mean |correlation| between channels", shrink=0.8)
    for axis in axes:
        axis.set_axis_off()
    return figure

"""Multi-path adaptive fusion module: how a skip joins the decoder. Equations (1) to (7)."""

import torch
from torch import Tensor, nn

from fusion.methods.lkc_funet.architecture import Architecture


class ChannelAttention(nn.Module):
    """Global average, squeeze by 8, ReLU, expand: (N,C,H,W) to (N,C,1,1), without a sigmoid."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        squeezed = max(channels // 8, 1)
        self.ca = nn.Sequential(
            nn.Conv2d(channels, squeezed, 1), nn.ReLU(), nn.Conv2d(squeezed, channels, 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N,C,H,W) to (N,C,1,1)."""
        return self.ca(x.mean(dim=(2, 3), keepdim=True))


class SpatialAttention(nn.Module):
    """Mean and maximum over channels through a 1×1 convolution and batch norm: to (N,1,H,W)."""

    def __init__(self) -> None:
        super().__init__()
        self.proj = nn.Sequential(nn.Conv2d(2, 1, 1), nn.BatchNorm2d(1))

    def forward(self, x: Tensor) -> Tensor:
        """(N,C,H,W) to (N,1,H,W)."""
        mean = x.mean(dim=1, keepdim=True)
        return self.proj(torch.cat((mean, x.amax(dim=1, keepdim=True)), dim=1))


class DualPathAttention(nn.Module):
    """BN(channel attention of one path + spatial attention of the other): (N,C,H,W)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.local = ChannelAttention(channels)
        self.global_ = SpatialAttention()
        self.bn = nn.BatchNorm2d(channels)

    def forward(self, main: Tensor, other: Tensor) -> Tensor:
        """Two (N,C,H,W) to one."""
        return self.bn(self.local(main) + self.global_(other))


class MPAFM(nn.Module):
    """Recalibrate one of decoder and skip by what both say.

    The recalibrated features m (`a.recalibrate`) get the channel attention, the others o the
    spatial one. With [α, β] = softmax over two maps of 1×1(BN(channel + spatial)):

    - m' = α·m + m, o' = β·o + o
    - gate = m'·σ(o') + o'·σ(m')
    - out = 1×1(m·σ(BN(1×1(gate))))

    Args:
        a: the network's settings.
    """

    def __init__(self, a: Architecture) -> None:
        super().__init__()
        self.recalibrate = a.recalibrate
        self.multi = DualPathAttention(a.width)
        self.selection = nn.Conv2d(a.width, 2, 1)
        self.proj = nn.Conv2d(a.width, a.width, 1)
        self.bn = nn.BatchNorm2d(a.width)
        self.conv_block = nn.Sequential(nn.Conv2d(a.width, 2 * a.width, 1))

    def forward(self, decoder: Tensor, skip: Tensor) -> Tensor:
        """Two (N,width,H,W) to (N,2·width,H,W)."""
        main, other = (decoder, skip) if self.recalibrate == "decoder" else (skip, decoder)
        alpha, beta = self.selection(self.multi(main, other)).softmax(dim=1).split(1, dim=1)
        # m' and o', each in one pass over a map.
        m = (alpha + 1) * main
        o = (beta + 1) * other
        gate = torch.addcmul(m * o.sigmoid(), o, m.sigmoid())
        return self.conv_block(self.bn(self.proj(gate)).sigmoid_().mul(main))


class Concatenation(nn.Module):
    """What stands in MPAFM's place without it (Table 2)."""

    def forward(self, decoder: Tensor, skip: Tensor) -> Tensor:
        """Two (N,C,H,W) to (N,2C,H,W)."""
        return torch.cat((decoder, skip), dim=1)

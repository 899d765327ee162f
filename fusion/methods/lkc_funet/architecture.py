"""What can be chosen about LKC-FUNet; the defaults are the released network."""

from dataclasses import dataclass
from typing import Literal

from fusion.layers.large_kernel import Conv
from fusion.methods.lkc_funet.norms import NormKind
from pipeline.stage.errors import UserError

Recalibrate = Literal["decoder", "encoder"]


@dataclass(frozen=True)
class Architecture:
    """Settings of `LKCFUNet`.

    Attributes:
        width: channels of every level.
        init_width: channels of the first convolution, which the last skip brings back.
        kernels: odd kernel size of each level, from the top; their count is the count of levels.
            InitBlock takes the first, the middle the last.
        depth: LKDCBlocks after the LKCBlock of an encoder level. A decoder level has one more, as
            the paper says, but for the top one: the released weights have an LKCBlock instead.
        lkc: False puts 3×3 in place of every larger kernel (Table 2, without LKC).
        init_norm: normalisation of InitBlock.
        norm: normalisation of all other blocks; the batch norms inside MPAFM always stay.
        groups: groups of `group` in LKCBlocks and the last convolution, g1 of Table 3; see
            `groups_of` for the one block that has more channels.
        lkdc_groups: groups of `group` in LKDCBlocks, g2 of Table 3.
        init_groups: groups of `group` in InitBlock. The paper does not give them; 8 stands beside
            IN in the authors' code.
        dropout: probability in InitBlock and the second half of LKCBlocks.
        drop_path: probability that an LKDCBlock is skipped for a sample while training.
        mpafm: False concatenates decoder and skip instead (Table 2, without MPAFM).
        recalibrate: whose features MPAFM weights: `decoder` as the released weights, `encoder`
            as the paper's equations.
        conv: how kernels of 5 and more are computed, see `fusion.layers.large_kernel`.
    """

    width: int = 128
    init_width: int = 32
    kernels: tuple[int, ...] = (15, 11, 5)
    depth: int = 1
    lkc: bool = True
    init_norm: NormKind = "instance"
    norm: NormKind = "group"
    groups: int = 32
    lkdc_groups: int = 1
    init_groups: int = 8
    dropout: float = 0.2
    drop_path: float = 0.2
    mpafm: bool = True
    recalibrate: Recalibrate = "decoder"
    conv: Conv = "auto"

    def __post_init__(self) -> None:
        """Refuse what cannot be built, with the key of `params.yaml` to change."""
        if not self.kernels or any(k < 1 or k % 2 == 0 for k in self.kernels):
            raise UserError(f"kernels: found {list(self.kernels)}; allowed are odd sizes, e.g. 15")
        if self.init_norm == "group" and self.init_width % self.init_groups:
            raise UserError(
                f"init_groups: {self.init_groups} does not divide init_width {self.init_width}"
            )
        if self.norm == "group":
            self._check_groups()

    def _check_groups(self) -> None:
        for what, channels, groups in (
            ("groups", self.width, self.groups),
            ("groups", self.joined, self.groups_of(self.joined)),
            ("lkdc_groups", self.width, self.lkdc_groups),
            ("lkdc_groups", self.hidden, self.lkdc_groups),
        ):
            if channels % groups:
                asked = getattr(self, what)
                raise UserError(f"{what}: {asked} does not divide {channels} channels, see width")

    @property
    def joined(self) -> int:
        """Channels of the last LKCBlock's input, where the first features join again."""
        return self.width + self.init_width

    def groups_of(self, channels: int) -> int:
        """Groups of `group` for the input of an LKCBlock.

        `groups` where that divides its channels, as in the released network; otherwise as many
        channels a group as the blocks of `width` channels have. At the released widths of 128 and
        160 together, 64 groups are thus 80 of 2 channels there, and 128 are 160 of one.
        """
        if channels % self.groups == 0:
            return self.groups
        return channels * self.groups // self.width

    @property
    def hidden(self) -> int:
        """Channels inside an LKDCBlock, which expands by 1.5."""
        return int(1.5 * self.width)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Kernel size of each level as built."""
        return self.kernels if self.lkc else tuple(min(k, 3) for k in self.kernels)

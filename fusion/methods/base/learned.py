"""What every learned fusion method offers to the stages that train and use it."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from fusion.methods.base.color import luminance, rgb_to_ycbcr, ycbcr_to_rgb
from pipeline.stage.errors import UserError


def full_precision(like: Tensor) -> AbstractContextManager[None]:
    """Arithmetic in the tensors' own precision on the device of `like`, whatever is around it.

    Means over an image and statistics of windows lose too much in 16 bits.
    """
    return torch.autocast(like.device.type, enabled=False)


class Learned(nn.Module, ABC):
    """A fusion method with weights: a module that also knows its own training loss.

    `forward(ir, vis) -> fused` is as in `fusion.methods.base.registry.Method`.
    """

    @abstractmethod
    def forward(self, ir: Tensor, vis: Tensor) -> Tensor:
        """Fuse (N,1,H,W) `ir` and (N,3,H,W) `vis` in [0,1] to (N,3,H,W) in [0,1]."""

    @abstractmethod
    def losses(self, ir: Tensor, vis: Tensor) -> dict[str, Tensor]:
        """Weighted terms of the training loss on a batch; training minimises their sum.

        The network runs in the training's precision, the terms in `full_precision`.

        Args:
            ir: (N,1,H,W) float in [0,1].
            vis: (N,3,H,W) float in [0,1].

        Returns:
            Scalar tensors by name; each is logged on its own.
        """

    def load_weights(self, path: Path) -> None:
        """Load weights from `path`, by default a `model.safetensors` that training wrote.

        Raises:
            UserError: the file's tensors are not this network's.
        """
        try:
            self.load_state_dict(load_file(path))
        except (RuntimeError, OSError) as error:
            raise UserError(f"{path}: not weights of this network ({error})") from None


class LearnedOnLuminance(Learned):
    """A learned method that fuses luminance with IR and keeps the chroma of VIS."""

    @abstractmethod
    def fuse_luminance(self, ir: Tensor, y: Tensor) -> Tensor:
        """Fuse `ir` and the luminance `y` of VIS, (N,1,H,W) in [0,1] each; not clamped."""

    @abstractmethod
    def terms(self, fused: Tensor, ir: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Weighted terms of the loss of `fused`, in float32, as `Learned.losses` returns them."""

    def forward(self, ir: Tensor, vis: Tensor) -> Tensor:
        """See `Learned.forward`: luminance is clamped to [0,1], CbCr is that of VIS."""
        y, cbcr = rgb_to_ycbcr(vis)
        return ycbcr_to_rgb(self.fuse_luminance(ir, y).clamp(0, 1), cbcr)

    def losses(self, ir: Tensor, vis: Tensor) -> dict[str, Tensor]:
        """See `Learned.losses`; the terms are of the luminance before clamping."""
        y = luminance(vis)
        fused = self.fuse_luminance(ir, y)
        with full_precision(fused):
            return self.terms(fused.float(), ir, y)

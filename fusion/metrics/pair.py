"""All metrics of a fused image at once."""

from collections.abc import Iterable
from typing import Literal, get_args

from numpy.typing import ArrayLike

from fusion.metrics import edges, information, moments, sharpness
from fusion.metrics.image import Image
from fusion.metrics.ssim import ssim
from fusion.metrics.viff import MINIMUM, viff
from pipeline.stage.errors import UserError

Convention = Literal["evaluator", "paper"]

NAMES = (
    "SD", "AG", "SF", "SCD", "VIFF", "SSIM", "EN", "MI", "Qabf", "NMI", "PSNR", "AFM", "CC", "MSE",
)  # fmt: skip
"""All metrics, in the order of the tables."""


class Sources:
    """A pair of source images; what metrics need of them is computed once for all fused images.

    Args:
        ir: infrared image, (H, W) or (H, W, 3) RGB, values in [0, 255].
        vis: visible image, likewise.

    Raises:
        UserError: sizes that differ, images smaller than VIFF's four scales need (41×41), shapes
            or values that are not an image's.
    """

    def __init__(self, ir: ArrayLike, vis: ArrayLike):
        self.ir, self.vis = Image(ir, "ir"), Image(vis, "vis")
        self._check(self.vis, "vis")

    def evaluate(self, fused: ArrayLike, convention: Convention = "evaluator") -> dict[str, float]:
        """All metrics of one fused image of this pair; see `fusion.metrics.evaluate`."""
        if convention not in get_args(Convention):
            allowed = ", ".join(get_args(Convention))
            raise UserError(f"metric convention {convention!r}; allowed are {allowed}")
        image = Image(fused, "fused")
        self._check(image, "fused")
        triple = (image, self.ir, self.vis)
        mi, nmi = information.mi_and_nmi(*triple)
        values = {
            "SD": moments.sd(image),
            "AG": sharpness.ag(image, convention),
            "SF": sharpness.sf(image, convention),
            "SCD": moments.scd(*triple),
            "VIFF": viff(*triple),
            "SSIM": ssim(*triple, convention),
            "EN": information.en(image),
            "MI": mi,
            "Qabf": edges.qabf(*triple),
            "NMI": nmi,
            "PSNR": moments.psnr(*triple),
            "AFM": edges.afm(*triple),
            "CC": moments.cc(*triple),
            "MSE": moments.mse(*triple),
        }
        return {name: values[name] for name in NAMES}

    def _check(self, image: Image, role: str) -> None:
        """Both sizes are in the message whichever of them is wrong."""
        sizes = " and ".join(
            f"{name} {shape[0]}×{shape[1]}"
            for name, shape in (("ir", self.ir.shape), (role, image.shape))
        )
        if image.shape != self.ir.shape:
            raise UserError(f"sizes differ: {sizes} (height×width); allowed is one size")
        if min(image.shape) < MINIMUM:
            raise UserError(f"too small: {sizes} (height×width); VIFF needs {MINIMUM}×{MINIMUM}")


def evaluate(
    fused: ArrayLike, ir: ArrayLike, vis: ArrayLike, convention: Convention = "evaluator"
) -> dict[str, float]:
    """All metrics of one fused image.

    Args:
        fused: fused image, (H, W) luminance or (H, W, 3) RGB, values in [0, 255]. RGB becomes
            OpenCV's gray, rounded; a luminance with fractions is rounded too.
        ir: infrared source of the same height and width, likewise.
        vis: visible source, likewise.
        convention: `evaluator`, the script that CDDFuse, EMMA, LKC-FUNet and others share, with
            SSIM as the mean over sources where the script prints the sum; or `paper`, what
            LKC-FUNet's tables were computed with, which differs in AG, SF and SSIM.

    Returns:
        Finite values by name, in the order of `NAMES`; the metrics' own docstrings define them
        and say what constant images give. Lower is better for MSE, higher for all others.

    Raises:
        UserError: sizes that differ, images below 41×41, not an image, unknown convention.

    Example:
        >>> import numpy as np
        >>> ramp = np.tile(np.arange(64, dtype=np.uint8), (64, 1))
        >>> metrics = evaluate(ramp, ramp, ramp.T)
        >>> round(metrics["SD"], 4), round(metrics["CC"], 4)
        (18.4729, 0.5)
    """
    return Sources(ir, vis).evaluate(fused, convention)


def evaluate_many(
    fused: Iterable[ArrayLike], ir: ArrayLike, vis: ArrayLike, convention: Convention = "evaluator"
) -> list[dict[str, float]]:
    """`evaluate` for several fused images of one pair; the sources' terms are computed once."""
    sources = Sources(ir, vis)
    return [sources.evaluate(image, convention) for image in fused]

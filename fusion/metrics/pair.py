"""All metrics of a fused image at once."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import get_args

from numpy.typing import ArrayLike

from fusion.metrics import (
    afm,
    edges,
    feature_information,
    information,
    moments,
    perception,
    sharpness,
    ssim,
    viff,
)
from fusion.metrics.image import Image
from pipeline.params.metrics import DEFAULT, Convention, Metric
from pipeline.stage.errors import UserError

NAMES: tuple[str, ...] = DEFAULT
"""The metrics that are computed unless others are asked for, see `DEFAULT`."""

ALL: tuple[str, ...] = get_args(Metric)
"""Every metric there is: `NAMES`, and those on request."""

SMALLEST = {"VIFF": viff.MINIMUM, "MS-SSIM": ssim.MINIMUM}
"""Least height and width that a metric needs."""
SMALLEST_OF_ALL = 11
"""The same for the others: one window of SSIM."""


class Sources:
    """A pair of source images; what metrics need of them is computed once for all fused images.

    Args:
        ir: infrared image, (H, W) or (H, W, 3) RGB, values in [0, 255].
        vis: visible image, likewise.

    Raises:
        UserError: sizes that differ, shapes or values that are not an image's.
    """

    def __init__(self, ir: ArrayLike, vis: ArrayLike):
        self.ir, self.vis = Image(ir, "ir"), Image(vis, "vis")
        self._check(self.vis, "vis", ())

    def evaluate(
        self,
        fused: ArrayLike,
        convention: Convention = "evaluator",
        metrics: Sequence[str] = NAMES,
    ) -> dict[str, float]:
        """Metrics of one fused image of this pair; see `fusion.metrics.evaluate`."""
        if convention not in get_args(Convention):
            allowed = ", ".join(get_args(Convention))
            raise UserError(f"metric convention {convention!r}; allowed are {allowed}")
        check_names(metrics)
        image = Image(fused, "fused")
        self._check(image, "fused", metrics)
        measures = self._measures(image, convention)
        return {name: measures[name]() for name in metrics}

    def _measures(self, image: Image, convention: Convention) -> dict[str, Callable[[], float]]:
        """How each metric of a fused image is computed, if it is asked for."""
        triple = (image, self.ir, self.vis)
        shared = cache(lambda: information.mi_and_nmi(*triple))
        return {
            "SD": lambda: moments.sd(image),
            "AG": lambda: sharpness.ag(image, convention),
            "SF": lambda: sharpness.sf(image, convention),
            "SCD": lambda: moments.scd(*triple),
            "VIFF": lambda: viff.viff(*triple),
            "SSIM": lambda: ssim.ssim(*triple, convention),
            "EN": lambda: information.en(image),
            "MI": lambda: shared()[0],
            "Qabf": lambda: edges.qabf(*triple),
            "NMI": lambda: shared()[1],
            "PSNR": lambda: moments.psnr(*triple),
            "CC": lambda: moments.cc(*triple),
            "MSE": lambda: moments.mse(*triple),
            "Nabf": lambda: edges.nabf(*triple),
            "MS-SSIM": lambda: ssim.ms_ssim(*triple),
            "Qcb": lambda: perception.qcb(*triple),
            "Qcv": lambda: perception.qcv(*triple),
            "AFM": lambda: afm.afm(*triple),
            "FMI": lambda: feature_information.fmi(*triple),
        }

    def _check(self, image: Image, role: str, metrics: Sequence[str]) -> None:
        """Both sizes are in the message whichever of them is wrong."""
        sizes = " and ".join(
            f"{name} {shape[0]}×{shape[1]}"
            for name, shape in (("ir", self.ir.shape), (role, image.shape))
        )
        if image.shape != self.ir.shape:
            raise UserError(f"sizes differ: {sizes} (height×width); allowed is one size")
        for name in metrics:
            least = SMALLEST.get(name, SMALLEST_OF_ALL)
            if min(image.shape) < least:
                raise UserError(f"too small: {sizes} (height×width); {name} needs {least}×{least}")


def check_names(metrics: Iterable[str]) -> None:
    """Raise UserError for a name that is no metric's."""
    unknown = [name for name in metrics if name not in ALL]
    if unknown:
        raise UserError(f"metric {unknown[0]!r}; allowed are {', '.join(ALL)}")


def evaluate(
    fused: ArrayLike,
    ir: ArrayLike,
    vis: ArrayLike,
    convention: Convention = "evaluator",
    metrics: Sequence[str] = NAMES,
) -> dict[str, float]:
    """Metrics of one fused image.

    Args:
        fused: fused image, (H, W) luminance or (H, W, 3) RGB, values in [0, 255]. RGB becomes
            OpenCV's gray, rounded; a luminance with fractions is rounded too.
        ir: infrared source of the same height and width, likewise.
        vis: visible source, likewise.
        convention: `evaluator`, the script that CDDFuse, EMMA, LKC-FUNet and others share, with
            SSIM as the mean over sources where the script prints the sum; or `paper`, what
            LKC-FUNet's tables were computed with, which differs in AG, SF and SSIM.
        metrics: names out of `ALL`; by default `NAMES`.

    Returns:
        Finite values by name, in the order of `metrics`; the metrics' own docstrings define them
        and say what constant images give. Lower is better for MSE, Nabf and Qcv, higher for all
        others.

    Raises:
        UserError: sizes that differ, images smaller than a metric needs (41×41 for `NAMES`), not
            an image, unknown convention or metric.

    Example:
        >>> import numpy as np
        >>> ramp = np.tile(np.arange(64, dtype=np.uint8), (64, 1))
        >>> metrics = evaluate(ramp, ramp, ramp.T)
        >>> round(metrics["SD"], 4), round(metrics["CC"], 4)
        (18.473, 0.5)
        >>> evaluate(ramp, ramp, ramp.T, metrics=["EN", "MSE"])
        {'EN': 6.0, 'MSE': 341.25}
    """
    return Sources(ir, vis).evaluate(fused, convention, metrics)


def evaluate_many(
    fused: Iterable[ArrayLike],
    ir: ArrayLike,
    vis: ArrayLike,
    convention: Convention = "evaluator",
    metrics: Sequence[str] = NAMES,
) -> list[dict[str, float]]:
    """`evaluate` for several fused images of one pair; the sources' terms are computed once."""
    sources = Sources(ir, vis)
    return [sources.evaluate(image, convention, metrics) for image in fused]

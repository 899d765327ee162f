"""Names of the fusion metrics and of their conventions, which `fusion.metrics` computes."""

from typing import Literal

Convention = Literal["evaluator", "paper"]
"""Which definition of a metric, where papers and the field's script differ."""

Metric = Literal[
    "SD", "AG", "SF", "SCD", "VIFF", "SSIM", "EN", "MI", "Qabf", "NMI", "PSNR", "CC", "MSE",
    "Nabf", "MS-SSIM", "Qcb", "Qcv", "AFM", "FMI",
]  # fmt: skip

DEFAULT: tuple[Metric, ...] = (
    "SD", "AG", "SF", "SCD", "VIFF", "SSIM", "EN", "MI", "Qabf", "NMI", "PSNR", "CC", "MSE",
)  # fmt: skip
"""Those of the papers' tables, in their order, then two of the field's script. AFM is left out: it
costs more than all of them, so only medical pairs, which are small, have it without asking."""

"""Fusion quality, under conventions that have names.

The stable names: `evaluate`, `evaluate_many`, `Sources`, and `NAMES` and `ALL`, which metrics there
are.
"""

from fusion.metrics.pair import ALL, NAMES, Sources, check_names, evaluate, evaluate_many
from pipeline.params.metrics import Convention

__all__ = [
    "ALL",
    "NAMES",
    "Convention",
    "Sources",
    "check_names",
    "evaluate",
    "evaluate_many",
]

"""Fusion quality, under conventions that have names."""

from fusion.metrics.evaluate import NAMES, Convention, Sources, evaluate, evaluate_many

__all__ = ["NAMES", "Convention", "Sources", "evaluate", "evaluate_many"]

"""Fusion quality, under conventions that have names."""

from fusion.metrics.pair import NAMES, Convention, Sources, evaluate, evaluate_many

__all__ = ["NAMES", "Convention", "Sources", "evaluate", "evaluate_many"]

"""Baseline: VIS alone."""

from fusion.registry import Method, register


@register("vis")
def vis() -> Method:
    """VIS unchanged."""
    return lambda ir, vis: vis.clone()

"""Baseline: VIS alone."""

from fusion.methods.base.registry import Method, register


@register("vis")
def vis() -> Method:
    """VIS unchanged."""
    return lambda ir, vis: vis.clone()

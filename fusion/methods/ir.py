"""Baseline: IR alone."""

from fusion.methods.base.registry import Method, register


@register("ir")
def ir() -> Method:
    """IR in three equal channels, so that it goes where fused images go."""
    return lambda ir, vis: ir.expand_as(vis).clone()

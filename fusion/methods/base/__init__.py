"""What every method is made with: the registry, luminance and colour, learned methods, files."""

from fusion.methods.base.learned import Learned
from fusion.methods.base.luminance import Gray, array_method, luminance_method
from fusion.methods.base.registry import Method, create, names, register

__all__ = [
    "Gray",
    "Learned",
    "Method",
    "array_method",
    "create",
    "luminance_method",
    "names",
    "register",
]

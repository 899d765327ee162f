"""The one place that turns a name of `params.yaml` into a fusion method.

A method is one file, or a network one folder, in `fusion/methods/` that registers its own name::

    @register("average")
    def average(ir_weight: float = 0.5) -> Method:
        return lambda ir, vis: ...

The factory's typed signature is the method's schema: what `params.yaml` gives is checked
against it. Only the file of the method asked for is imported, so a stage starts quickly.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import ConfigDict, ValidationError, validate_call
from torch import Tensor

from pipeline.stage.errors import UserError

Method = Callable[[Tensor, Tensor], Tensor]
"""`method(ir, vis) -> fused`: (N,1,H,W) and (N,3,H,W) to (N,3,H,W), all float in [0,1]."""

Factory = TypeVar("Factory", bound=Callable[..., Method])

_factories: dict[str, Callable[..., Method]] = {}


_HOMES = {"fusion.methods": {"base", "external"}, "fusion.methods.external": {"adopt"}}
"""Packages with a module a method, and which of their modules are none."""


def register(name: str) -> Callable[[Factory], Factory]:
    """Make a factory known as `name`, which must be the name of its file or folder."""

    def remember(factory: Factory) -> Factory:
        _factories[name] = factory
        return factory

    return remember


def _modules() -> dict[str, str]:
    """Module of each method by its name."""
    found = {}
    for home, others in _HOMES.items():
        for module in pkgutil.iter_modules(importlib.import_module(home).__path__):
            if module.name not in others:
                found[module.name] = f"{home}.{module.name}"
    return found


def names() -> list[str]:
    """All methods that `create` knows, sorted."""
    return sorted(_modules().keys() | _factories.keys())


MOVED = {
    "fusion.registry": "fusion.methods.base",
    "fusion.luminance": "fusion.methods.base",
    "fusion.learned": "fusion.methods.base",
    "fusion.color": "fusion.methods.base.color",
    "fusion.losses": "fusion.learning.losses",
    "fusion.large_kernel": "fusion.layers.large_kernel",
    "pipeline.errors": "pipeline.stage.errors",
}
"""Modules that methods imported from in earlier versions, and where their content is now."""


def _import(module: str) -> None:
    """Import a method's module; raises UserError if it imports what has moved."""
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name not in MOVED:
            raise
        raise UserError(
            f"{module}: imports {error.name}, which is now {MOVED[error.name]}"
        ) from None


def factory_of(name: str) -> Callable[..., Method]:
    """What makes the method `name`; its signature is the schema. Raises UserError as `create`."""
    if name not in _factories and (module := _modules().get(name)):
        _import(module)
    if name not in _factories:
        raise UserError(f"fusion method {name!r} is not known; allowed are {', '.join(names())}")
    return _factories[name]


def create(name: str, /, **params: Any) -> Method:
    """Make the fusion method `name`.

    Args:
        name: one of `names()`.
        **params: the method's own parameters, as in `params.yaml`.

    Returns:
        The callable `method(ir, vis) -> fused`. A learned method is a `fusion.methods.base.Learned`
        module, fresh until weights are loaded into it.

    Raises:
        UserError: an unknown name, or parameters that its factory does not take.
    """
    factory = factory_of(name)
    checked = validate_call(config=ConfigDict(arbitrary_types_allowed=True))(factory)
    try:
        return checked(**params)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        allowed = ", ".join(inspect.signature(factory).parameters) or "none"
        raise UserError(
            f"fusion method {name}, parameter {key}: {first['msg']}, found {first['input']!r} "
            f"(its parameters: {allowed})"
        ) from None

"""Which of the project's modules a stage or a method is made of, and what they say, as hashes."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.provenance.syntax import file_digest

if TYPE_CHECKING:
    from grimp import ImportGraph

PACKAGES = ("pipeline", "fusion", "segmentation")

UNCOUNTED = (
    "pipeline.params", "pipeline.provenance", "pipeline.report", "pipeline.results.paths",
    "pipeline.stage", "pipeline.tracking",
)  # fmt: skip
"""Modules, with all below them, that change no result: the schema, which counts by its outcome,
how a stage starts, what MLflow is told, and pictures. `pipeline.report` counts for itself."""

DATA = {
    "pipeline.report.page.html": "*.[chj]*",
    "pipeline.report.tables.published": "*.csv",
    "pipeline.report.tables.published.papers": "*.csv",
    "pipeline.report.tables.published.segmentation": "*.csv",
}
"""Files beside a package's modules that count with it."""


@cache
def _graph() -> ImportGraph:
    """What imports what, at the top or inside a function, but not for type checkers alone."""
    import grimp

    return grimp.build_graph(*PACKAGES, exclude_type_checking_imports=True, cache_dir=None)


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def closure(module: str, counted: str = "") -> list[str]:
    """Modules that count for `module`: itself, all it imports, directly or not, their packages.

    Args:
        module: dotted name, e.g. `fusion.train`.
        counted: one of `UNCOUNTED` that counts for this module; one that it lies in does anyway.

    Returns:
        Dotted names, sorted, without the others of `UNCOUNTED`.
    """
    imported = _graph().find_upstream_modules(module) | {module}
    with_parents = {
        ".".join(parts[:count])
        for parts in (name.split(".") for name in imported)
        for count in range(1, len(parts) + 1)
    }
    silent = [one for one in UNCOUNTED if one != counted and not _within(module, one)]
    return sorted(
        name for name in with_parents if not any(_within(name, package) for package in silent)
    )


def _origin(module: str) -> Path | None:
    """A module's file, found without importing anything: its spec would import its packages."""
    top, *below = module.split(".")
    spec = importlib.util.find_spec(top)
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent.joinpath(*below)
    found = (path / "__init__.py", path.with_suffix(".py"))
    return next((file for file in found if file.is_file()), None)


def files(modules: Iterable[str]) -> list[Path]:
    """Files of the modules, and the data files declared beside them."""
    found = []
    for name in modules:
        origin = _origin(name)
        if origin is None:
            continue
        found.append(origin)
        if name in DATA:
            found += [file for file in origin.parent.glob(DATA[name]) if file.suffix != ".py"]
    return sorted(found)


def hashes(module: str, counted: str = "") -> dict[str, str]:
    """Digest of each file of a `closure`, by its path below the project, sorted."""
    root = Path(__file__).resolve().parents[2]
    return {
        file.resolve().relative_to(root).as_posix(): file_digest(file)
        for file in files(closure(module, counted))
    }


def method_module(name: str) -> str:
    """Dotted name of the module of a registered fusion method, whether it exists or not."""
    outside = f"fusion.methods.external.{name}"
    return outside if outside in _graph().modules else f"fusion.methods.{name}"


def weights_in_the_box(name: str) -> Path | None:
    """The file of weights that comes with a registered fusion method, if it comes with any."""
    origin = _origin(method_module(name))
    path = origin.with_name("pretrained.safetensors") if origin else None
    return path if path and path.is_file() else None


def method_hashes(name: str) -> dict[str, str]:
    """`hashes` of a fusion method; empty if there is none of that name."""
    module = method_module(name)
    return hashes(module) if module in _graph().modules else {}

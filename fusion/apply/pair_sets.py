"""Further pair sets: `fusion.evaluation.pairs` of the params."""

from __future__ import annotations

from pathlib import Path

from pipeline.params import Params
from pipeline.stage.errors import UserError
from pipeline.stage.home import resolve


def find_set(params: Params, pair_set: str) -> Path:
    """Folder of a pair set. Raises UserError if there is no such set, or it lacks a folder."""
    sets = params.fusion.evaluation.pairs
    if pair_set not in sets:
        allowed = ", ".join(sets) or "none"
        raise UserError(f"fusion.evaluation.pairs: no set {pair_set!r}; there are {allowed}")
    source = resolve(sets[pair_set])
    if not (source / "ir").is_dir() or not (source / "vi").is_dir():
        raise UserError(f"fusion.evaluation.pairs.{pair_set}: {source}: needs folders ir and vi")
    return source

"""Weights in the box: networks that fuse right after the install.

Beside the code of such a method lie `pretrained.safetensors` and its card, `pretrained.json`: what
the weights were trained on, how, and what they score.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from fusion.methods.base import Learned, create
from pipeline.stage.errors import UserError

METHODS = Path(__file__).resolve().parents[1] / "methods"
WEIGHTS, CARD = "pretrained.safetensors", "pretrained.json"
PRESETS = {"lkc_funet": "msrs-paper"}
"""For a network without weights here, the preset that trains it."""


def names() -> list[str]:
    """Methods that come with weights, sorted."""
    return sorted(file.parent.name for file in METHODS.glob(f"*/{WEIGHTS}"))


def card(name: str) -> dict[str, Any]:
    """What is known of a method's weights: data, schedule, seed, commit, scores, SHA-256.

    Raises:
        UserError: no weights of that name.
    """
    if name not in names():
        there = ", ".join(names()) or "none"
        raise UserError(f"pretrained {name!r}: no such weights; there are {there}{_way(name)}")
    content: dict[str, Any] = json.loads((METHODS / name / CARD).read_text(encoding="utf-8"))
    return content


def _way(name: str) -> str:
    """How to come by a method without weights here; '' for a name that is none."""
    if name in PRESETS:
        preset = PRESETS[name]
        return f"; `python -m pipeline.preset {preset}` and `dvc repro` train {name}"
    try:
        method = create(name)
    except UserError:  # no method of that name, or one that comes from outside
        return ""
    if isinstance(method, Learned):
        return f"; {name} in `fusion.methods` of params.yaml and `dvc repro` train it"
    return f"; {name} learns nothing, `fusion.create({name!r})` has it"


def load_into(method: Learned, name: str) -> None:
    """Load the weights that come with `name` into a fresh `method`.

    Raises:
        UserError: there are none, the file is not the one of its card, or not of this network.
    """
    wanted, path = card(name)["sha256"], METHODS / name / WEIGHTS
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != wanted:
        raise UserError(f"{path}: SHA-256 {found[:12]}…; its card says {wanted[:12]}…")
    method.load_weights(path)


def load_pretrained(name: str) -> Learned:
    """A fusion network with the weights that come with it, ready to fuse, in eval mode.

    Args:
        name: one of `names()`.

    Returns:
        `method(ir, vis) -> fused`: (N,1,H,W) and (N,3,H,W) to (N,3,H,W), float in [0,1].

    Raises:
        UserError: no weights of that name; the message lists those there are.

    Example:
        >>> import torch
        >>> method = load_pretrained("lkc_funet_lite")
        >>> with torch.inference_mode():
        ...     method(torch.rand(1, 1, 48, 64), torch.rand(1, 3, 48, 64)).shape
        torch.Size([1, 3, 48, 64])
    """
    params = card(name)["params"]
    method = create(name, **params)
    assert isinstance(method, Learned)
    load_into(method, name)
    return method.eval()

"""All generators from one seed, so that two runs on one machine agree."""

import os
import random
from typing import Any

import numpy as np
import torch


def derive(*parts: int) -> int:
    """A 32-bit seed from several numbers; near inputs, or one number more, give unrelated seeds."""
    # SeedSequence takes (s) and (s, 0) for the same; their number tells them apart.
    return int(np.random.SeedSequence((len(parts), *parts)).generate_state(1)[0])


def seed_everything(*parts: int) -> None:
    """Seed Python, NumPy and PyTorch (all devices) from `parts`, e.g. seed, epoch and rank."""
    seed = derive(*parts)
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - libraries still draw from the global generator
    torch.manual_seed(seed)


def deterministic(wanted: bool = True) -> None:
    """Ask PyTorch for reproducible algorithms; where there is none it warns and goes on.

    Args:
        wanted: False lets it take whichever is fastest; on a GPU two runs then differ.
    """
    if wanted and torch.cuda.is_available():
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS asks for it
    torch.use_deterministic_algorithms(wanted, warn_only=True)
    # Filling fresh memory with NaN costs time and changes no result of correct code.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.cudnn.benchmark = not wanted


def generators() -> dict[str, Any]:
    """Where PyTorch's and NumPy's global generators and Python's stand, for a checkpoint.

    Of several GPUs only that of this process counts.
    """
    state: Any = np.random.get_state(legacy=True)  # noqa: NPY002
    name, keys, position, has_gauss, cached = state
    version, internal, gauss = random.getstate()
    return {
        "torch": torch.get_rng_state(),
        "cuda": [torch.cuda.get_rng_state()] if torch.cuda.is_available() else [],
        "numpy": [str(name), keys.tolist(), position, has_gauss, cached],
        "python": [version, list(internal), gauss],
    }


def restore_generators(state: dict[str, Any]) -> None:
    """Put the generators back to where `generators` saw them."""
    torch.set_rng_state(state["torch"])
    for one in state["cuda"]:
        torch.cuda.set_rng_state(one)
    name, keys, *rest = state["numpy"]
    np.random.set_state((name, np.array(keys, dtype=np.uint32), *rest))  # noqa: NPY002
    version, internal, gauss = state["python"]
    random.setstate((version, tuple(internal), gauss))

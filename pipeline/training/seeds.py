"""All generators from one seed, so that two runs on one machine agree."""

import random

import numpy as np
import torch


def derive(*parts: int) -> int:
    """A 32-bit seed from several numbers; near inputs give unrelated seeds."""
    return int(np.random.SeedSequence(parts).generate_state(1)[0])


def seed_everything(*parts: int) -> None:
    """Seed Python, NumPy and PyTorch (all devices) from `parts`, e.g. seed, epoch and rank."""
    seed = derive(*parts)
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - libraries still draw from the global generator
    torch.manual_seed(seed)


def deterministic() -> None:
    """Ask PyTorch for reproducible algorithms; where there is none it warns and goes on."""
    torch.use_deterministic_algorithms(True, warn_only=True)
    # Filling fresh memory with NaN costs time and changes no result of correct code.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.cudnn.benchmark = False

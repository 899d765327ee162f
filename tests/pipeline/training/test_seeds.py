"""Seeds that are derived, and the arithmetic that is asked for."""

from itertools import product

import pytest
import torch

from pipeline.params import RuntimeParams
from pipeline.training.devices import make_fabric
from pipeline.training.seeds import derive, deterministic


def test_one_number_more_gives_another_seed():
    # NumPy takes (s) and (s, 0) for the same entropy.
    assert derive(0) != derive(0, 0) != derive(0, 0, 0)
    assert derive(7) != derive(7, 0)


def test_near_inputs_give_different_seeds():
    parts = [(a,) for a in range(20)] + [*product(range(20), repeat=2)]
    assert len({derive(*each) for each in parts}) == len(parts)
    assert derive(3, 5) == derive(3, 5)
    assert derive(3, 5) != derive(5, 3)


@pytest.mark.parametrize(
    ("precision", "wanted", "tf32", "expected"),
    [("32-true", "auto", False, True), ("tf32", True, True, True), ("tf32", False, True, False)],
)
def test_arithmetic_is_as_named(precision, wanted, tf32, expected):
    """On a CPU `auto` is deterministic."""
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    try:
        make_fabric(precision, RuntimeParams(deterministic=wanted))
        assert torch.are_deterministic_algorithms_enabled() is expected
        assert torch.backends.cudnn.benchmark is not expected
        assert torch.backends.cuda.matmul.allow_tf32 is tf32
        assert torch.backends.cudnn.allow_tf32 is tf32
    finally:
        deterministic()
        torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before

"""Seeds that are derived: a function of the numbers, and of how many they are."""

from itertools import product

from pipeline.training.seeds import derive


def test_one_number_more_gives_another_seed():
    # NumPy takes (s) and (s, 0) for the same entropy.
    assert derive(0) != derive(0, 0) != derive(0, 0, 0)
    assert derive(7) != derive(7, 0)


def test_near_inputs_give_different_seeds():
    parts = [(a,) for a in range(20)] + [*product(range(20), repeat=2)]
    assert len({derive(*each) for each in parts}) == len(parts)
    assert derive(3, 5) == derive(3, 5)
    assert derive(3, 5) != derive(5, 3)

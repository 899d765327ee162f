"""Code by its meaning: what changes a result changes the hash, what does not does not."""

import textwrap

import pytest

from pipeline.provenance.syntax import digest

CODE = textwrap.dedent('''
    """Module."""
    import numpy as np

    RATE = 0.1  # a comment


    class Net:
        """A class."""

        depth: int = 3

        def forward(self, x, *, scale=1.0):
            """A method."""
            return f"{x * scale:.2f}" if x > RATE else None
''')

SAME = {
    "comment": ("# a comment", "# quite another one"),
    "docstring of the module": ('"""Module."""', '"""Something\n\nelse."""'),
    "docstring of a class": ('"""A class."""', ""),
    "docstring of a method": ('"""A method."""', '"""Says more now."""'),
    "layout": ("RATE = 0.1", "RATE   =   0.1"),
    "brackets": ("x * scale", "(x * scale)"),
    "another way to write a number": ("0.1", ".10"),
}
OTHER = {
    "number": ("0.1", "0.2"),
    "a whole number for a float": ("scale=1.0", "scale=1"),
    "name": ("depth", "width"),
    "default": ("int = 3", "int = 4"),
    "operator": ("x * scale", "x + scale"),
    "comparison": ("x > RATE", "x >= RATE"),
    "import": ("import numpy as np", "import scipy as np"),
    "format": (".2f", ".3f"),
    "text that is no docstring": ("else None", 'else "A method."'),
    "keyword only": ("*, scale", "scale"),
}


@pytest.mark.parametrize("change", SAME)
def test_what_runs_is_the_same(change: str):
    old, new = SAME[change]
    assert old in CODE
    assert digest(CODE.replace(old, new)) == digest(CODE)


@pytest.mark.parametrize("change", OTHER)
def test_something_else_runs(change: str):
    old, new = OTHER[change]
    assert old in CODE
    assert digest(CODE.replace(old, new)) != digest(CODE)


def test_it_is_the_same_under_every_python():
    """Written down once: a new Python that reads the tree otherwise would retrain everything."""
    assert digest("x: int = f(1, *a, k=2.5)\n").startswith("6e7c88c9ec679008")

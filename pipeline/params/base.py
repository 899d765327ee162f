"""What all parts of `params.yaml` have in common."""

from collections.abc import Iterable
from itertools import product
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,64}$")]
"""A name that becomes a folder and a stage: lower-case letters, digits, `_` and `-` only."""


def check_joined(key: str, methods: Iterable[str], others: Iterable[str]) -> None:
    """Raise ValueError if two pairs of a method and another name join to one name of a stage."""
    seen: dict[str, tuple[str, str]] = {}
    for pair in product(methods, list(others)):
        first = seen.setdefault("-".join(pair), pair)
        if first != pair:
            raise ValueError(
                f"{key}: {first[0]!r} with {first[1]!r} and {pair[0]!r} with {pair[1]!r} would be "
                f"one stage, {'-'.join(pair)}; allowed are names that join to different ones"
            )


class Section(BaseModel):
    """A section of `params.yaml`: unknown keys are errors, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)

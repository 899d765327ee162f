"""What all parts of `params.yaml` have in common."""

from collections.abc import Iterable
from itertools import product
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,64}$")]
"""A name that becomes a folder and a stage: lower-case letters, digits, `_` and `-` only."""


def check_joined(key: str, *names: Iterable[str]) -> None:
    """Raise ValueError if two combinations, a name of each kind, join to one name of a stage."""
    seen: dict[str, tuple[str, ...]] = {}
    for combination in product(*(list(kind) for kind in names)):
        first = seen.setdefault("-".join(combination), combination)
        if first != combination:
            raise ValueError(
                f"{key}: {_quoted(first)} and {_quoted(combination)} would be "
                f"one stage, {'-'.join(combination)}; allowed are names that join to different ones"
            )


def _quoted(names: tuple[str, ...]) -> str:
    return " with ".join(map(repr, names))


class Section(BaseModel):
    """A section of `params.yaml`: unknown keys are errors, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)

"""What all parts of `params.yaml` have in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,64}$")]
"""A name that becomes a folder and a stage: lower-case letters, digits, `_` and `-` only."""


class Section(BaseModel):
    """A section of `params.yaml`: unknown keys are errors, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)

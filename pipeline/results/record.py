"""A run's result as one JSON file: what a leaderboard takes, with a schema of its own.

`reports/result.json` is written by `report`; `python -m pipeline.schema` writes the schema.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from pipeline.params.base import Section
from pipeline.params.segmentation import Contrast
from pipeline.stage.errors import UserError

FORMAT: Literal[1] = 1
"""Of the file: a reader of one format refuses another."""

Percent = float


class Difference(Section):
    """mIoU over that of a camera alone.

    Attributes:
        value: points.
        low: lower end of the 95 % interval.
        high: upper end.
    """

    value: float
    low: float
    high: float


class Entry(Section):
    """One input's scores, percent.

    Attributes:
        input: its name in the run.
        method: type of the fusion method, e.g. `precomputed`.
        miou: mean over seeds.
        std: over seeds; null with one.
        iou: by class, mean over seeds; null for a class that no test image shows.
        delta_ir: against IR, where that was judged too.
        delta_vis: against VIS.
    """

    input: str
    method: str
    miou: Percent | None
    std: Percent | None
    iou: dict[str, Percent | None]
    delta_ir: Difference | None = None
    delta_vis: Difference | None = None


class Version(Section):
    """A protocol's version, see `pipeline.provenance.protocol`.

    Attributes:
        version: the other three joined.
        settings: hash of the network's resolved settings.
        labels: hash of labels and classes.
        code: hash of the code that trains and judges.
    """

    version: str = Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$")
    settings: str
    labels: str
    code: str


class Judgement(Section):
    """What one network said under one protocol.

    Attributes:
        protocol: networks trained on each input, or one for all.
        network: its name in the run.
        version: of the protocol.
        settings: of the network, resolved.
        seeds: of the trainings.
        entries: the inputs.
    """

    protocol: Literal["retrained", "one_for_all"]
    network: str
    version: Version
    settings: dict[str, Any]
    seeds: tuple[int, ...]
    entries: tuple[Entry, ...]


class Record(Section):
    """All of `result.json`.

    Attributes:
        format: of this file.
        by: who submits it; empty until somebody does.
        preset: that the settings came from.
        dataset: name of the data set.
        classes: in label order.
        test_images: how many.
        test_clusters: how many clusters of nearly the same scene they are.
        primary: the comparison named before the run.
        packages: versions of what computes, for information.
        judgements: one a network and protocol.
    """

    format: Literal[1] = FORMAT
    by: str = ""
    preset: str
    dataset: str
    classes: tuple[str, ...]
    test_images: int
    test_clusters: int
    primary: Contrast | None = None
    packages: dict[str, str] = Field(default_factory=dict)
    judgements: tuple[Judgement, ...]


def read(path: Path) -> Record:
    """A result file. Raises UserError if it is missing or not of this format."""
    try:
        return Record.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; allowed are files that `report` wrote") from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"])) or "(top level)"
        raise UserError(f"{path}: {key}: {first['msg']}, found {first['input']!r:.80}") from None

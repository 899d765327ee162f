"""`medical/params.yaml` — fusion of medical images: which pairs, which methods, which tables."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from pipeline.params.base import Name
from pipeline.params.fusion import (
    FusionTraining,
    Judging,
    Methods,
    MethodSpec,
    check_proposed,
)
from pipeline.params.metrics import DEFAULT, Metric

Task = Literal["mri-ct", "mri-pet", "mri-spect"]


TrainedOn = Literal["each", "all"] | Task


class MedicalSpec(MethodSpec):
    """One entry of `methods`.

    Attributes:
        trained_on: as that of the file, for this method; null is the file's.
    """

    trained_on: TrainedOn | None = None


MedicalEntries = dict[Name, Annotated[MedicalSpec, BeforeValidator(lambda entry: entry or {})]]
"""As `pipeline.params.fusion.Entries`."""


class MedicalParams(Methods, Judging):
    """All of `medical/params.yaml`; without tasks and tables the medical stages do not exist.

    Attributes:
        root: folder with `{CT,PET,SPECT}-MRI/{train,test}/{mri,ct|pet|spect}`.
        tasks: which pairs of modalities.
        methods: as `fusion.methods`, and `trained_on`.
        trained_on: whose train pairs a learned method sees. `each`: a network for each task, of its
            own; `all`: one network for all, of the pairs of all tasks together; or a task, whose
            network fuses the others unchanged.
        training: as `fusion.training`; the defaults are MMIF-AMIN's.
        metrics: as `fusion.evaluation.metrics`; by default also MMIF-AMIN's AFM.
        tables: names of the report's tables, each with the metrics it shows for every task.
    """

    key: ClassVar[str] = "medical/params.yaml: methods"

    root: Path | None = None
    tasks: tuple[Task, ...] = ()
    methods: MedicalEntries = Field(default_factory=dict)  # type: ignore[assignment]
    trained_on: TrainedOn = "each"
    training: FusionTraining = FusionTraining(epochs=30, batch_size=1, crop=120, crops_per_image=36)
    metrics: tuple[Metric, ...] = Field(default=(*DEFAULT, "AFM"), min_length=1)
    tables: dict[Name, tuple[str, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _tasks_need_images_and_methods(self) -> "MedicalParams":
        if self.tasks and self.root is None:
            raise ValueError("tasks need root, the folder with CT-MRI, PET-MRI, SPECT-MRI")
        if self.tasks and not self.methods:
            raise ValueError("tasks need methods, at least one")
        return self

    @model_validator(mode="after")
    def _proposed_is_there(self) -> "MedicalParams":
        check_proposed("significance", self.significance, self.methods)
        return self

    @model_validator(mode="after")
    def _networks_need_their_pairs(self) -> "MedicalParams":
        for name in self.methods if self.tasks else ():
            source = self.source_of(name)
            if source not in ("each", "all", *self.tasks):
                raise ValueError(f"methods.{name}: trained_on {source} needs it among the tasks")
        return self

    def source_of(self, method: str) -> TrainedOn:
        """`trained_on` of a method."""
        return self.methods[method].trained_on or self.trained_on

    def tasks_of(self, method: str, task: Task) -> tuple[Task, ...]:
        """The tasks whose train pairs the network sees that fuses `task`."""
        source = self.source_of(method)
        if source == "all":
            return self.tasks
        return (task if source == "each" else source,)

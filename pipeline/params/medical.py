"""`medical/params.yaml` — fusion of medical images: which pairs, which methods, which tables."""

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from pipeline.params.base import Name
from pipeline.params.fusion import FusionTraining, Methods
from pipeline.params.metrics import Convention

Task = Literal["mri-ct", "mri-pet", "mri-spect"]


class MedicalParams(Methods):
    """All of `medical/params.yaml`; without tasks and tables the medical stages do not exist.

    Attributes:
        root: folder with `{CT,PET,SPECT}-MRI/{train,test}/{mri,ct|pet|spect}`.
        tasks: which pairs of modalities; each method trains anew for each.
        methods: as `fusion.methods`.
        training: as `fusion.training`; the defaults are MMIF-AMIN's.
        convention: as `fusion.evaluation.convention`.
        tables: names of the report's tables, each with the metrics it shows for every task.
    """

    key: ClassVar[str] = "medical/params.yaml: methods"

    root: Path | None = None
    tasks: tuple[Task, ...] = ()
    training: FusionTraining = FusionTraining(epochs=30, batch_size=1, crop=120, crops_per_image=36)
    convention: Convention = "paper"
    tables: dict[Name, tuple[str, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _tasks_need_images_and_methods(self) -> "MedicalParams":
        if self.tasks and self.root is None:
            raise ValueError("tasks need root, the folder with CT-MRI, PET-MRI, SPECT-MRI")
        if self.tasks and not self.methods:
            raise ValueError("tasks need methods, at least one")
        return self

"""Which pairs an ablation is run on, and where their stages find and leave things."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fusion.medical import tasks
from pipeline.params import MethodSpec, Params, load_medical
from pipeline.results import paths
from pipeline.stage.errors import UserError

PARAMS = Path("params.yaml")
MEDICAL = Path("medical/params.yaml")


@dataclass(frozen=True)
class PairSet:
    """The stages of one set of pairs.

    Attributes:
        subject: name of the pairs.
        file: of params.
        keys: under which `file` has the methods.
        methods: the user's own, by name.
        target: of a method, the DVC stage that evaluates it, as `dvc repro` takes it.
        data: folder of the pairs.
        trained: of a method, the folder of its weights.
        metrics: of a method, its metrics: one row a test image.
        experiment: in MLflow; None is that of the data set.
    """

    subject: str
    file: Path
    keys: tuple[str, ...]
    methods: dict[str, MethodSpec]
    target: Callable[[str], str]
    data: Path
    trained: Callable[[str], Path]
    metrics: Callable[[str], Path]
    experiment: str | None = None


def infrared(params: Params) -> PairSet:
    """The IR/VIS pairs of `params.yaml`."""
    return PairSet(
        subject=params.data.dataset,
        file=PARAMS,
        keys=("fusion", "methods"),
        methods=params.fusion.methods,
        target=lambda method: f"evaluate_fusion@{method}",
        data=params.data.directory,
        trained=paths.fusion_model,
        metrics=paths.fusion_metrics,
    )


def medical(task: str) -> PairSet:
    """The pairs of a medical task. Raises UserError unless `medical/params.yaml` runs it."""
    found = load_medical(MEDICAL)
    if tasks.check_task(task) not in found.tasks:
        there = ", ".join(found.tasks) or "none"
        raise UserError(f"{MEDICAL}: tasks: no {task}, which --task names; there are {there}")
    return PairSet(
        subject=task,
        file=MEDICAL,
        keys=("methods",),
        methods=found.methods,
        target=lambda method: f"medical/dvc.yaml:evaluate_medical@{task}-{method}",
        data=tasks.data(task),
        trained=partial(tasks.trained, task),
        metrics=partial(tasks.metrics, task),
        experiment="medical",
    )

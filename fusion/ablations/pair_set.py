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
INFRARED, ALL = "infrared", "all"


@dataclass(frozen=True)
class PairSet:
    """The stages of one set of pairs.

    Attributes:
        subject: name of the pairs.
        file: of params.
        keys: under which `file` has the methods.
        methods: the user's own, by name.
        targets: of a method, the DVC stages that evaluate it, as `dvc repro` takes them.
        data: folder of the pairs, or of the first of several sets.
        trained: of a method, the folder of the weights that fuse those pairs.
        metrics: of a method, its metrics on each set: one row a test image.
        experiment: in MLflow; None is that of the data set.
    """

    subject: str
    file: Path
    keys: tuple[str, ...]
    methods: dict[str, MethodSpec]
    targets: Callable[[str], list[str]]
    data: Path
    trained: Callable[[str], Path]
    metrics: Callable[[str], list[Path]]
    experiment: str | None = None


def infrared(params: Params) -> PairSet:
    """The IR/VIS pairs of `params.yaml`."""
    return PairSet(
        subject=params.data.dataset,
        file=PARAMS,
        keys=("fusion", "methods"),
        methods=params.fusion.methods,
        targets=lambda method: [f"evaluate_fusion@{method}"],
        data=params.data.directory,
        trained=paths.fusion_model,
        metrics=lambda method: [paths.fusion_metrics(method)],
    )


def medical(task: str) -> PairSet:
    """The pairs of a medical task, or of `all` that `medical/params.yaml` runs.

    Raises:
        UserError: it does not run that task, or none.
    """
    found = load_medical(MEDICAL)
    asked: tuple[str, ...] = found.tasks if task == ALL else (tasks.check_task(task),)
    if not asked or not set(asked) <= set(found.tasks):
        there = ", ".join(found.tasks) or "none"
        raise UserError(
            f"{MEDICAL}: tasks: no {task}, which the table is made on; there are {there}; "
            f"--task {INFRARED} takes the pairs of {PARAMS}"
        )
    methods: dict[str, MethodSpec] = dict(found.methods)
    return PairSet(
        subject=task,
        file=MEDICAL,
        keys=("methods",),
        methods=methods,
        targets=lambda method: [
            f"medical/dvc.yaml:evaluate_medical@{one}-{method}" for one in asked
        ],
        data=tasks.data(asked[0]),
        trained=partial(tasks.trained, asked[0]),
        metrics=lambda method: [tasks.metrics(one, method) for one in asked],
        experiment="medical",
    )


def pair_set(params: Params, task: str) -> PairSet:
    """The pairs that `--task` names: `infrared`, `all` medical ones, or a medical task."""
    return infrared(params) if task == INFRARED else medical(task)

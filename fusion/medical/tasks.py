"""The medical tasks: their folders in the atlas, and every path that their stages write."""

from pathlib import Path

from pipeline.stage.errors import UserError

FOLDERS = {
    "mri-ct": ("CT-MRI", "ct"),
    "mri-pet": ("PET-MRI", "pet"),
    "mri-spect": ("SPECT-MRI", "spect"),
}
"""Of each task, its folder in the atlas and that of MRI's partner."""

SHARED = "shared"
"""In a task's place: the network of a method that fuses several tasks."""


def data(task: str) -> Path:
    """The task's pairs in MSRS's layout: MRI as ir, its partner as vi."""
    return Path("data/medical") / check_task(task)


def code(task: str) -> Path:
    """What the task's stages and methods are made of."""
    return Path("artifacts/medical/code") / task


def inputs(task: str) -> Path:
    """Links to what the task's methods read from outside, by method."""
    return Path("artifacts/medical/inputs") / task


def table_code(table: str) -> Path:
    """What a table of the report is made of."""
    return Path("artifacts/medical/code/tables") / f"{table}.json"


def shared_code(method: str) -> Path:
    """What a method's network for several tasks is made of."""
    return Path("artifacts/medical/code/shared") / f"{method}.json"


def cost_code(method: str) -> Path:
    """What a method's cost depends on."""
    return Path("artifacts/medical/code/cost") / f"{method}.json"


def trained(task: str, method: str) -> Path:
    """Weights and history of the network that fuses a task, or of `SHARED` tasks."""
    return Path("artifacts/medical/trained") / task / method


def fused(task: str, method: str) -> Path:
    """Fused test images, NAME.png."""
    return Path("artifacts/medical/fused") / task / method


def metrics(task: str, method: str) -> Path:
    """Metrics of each test image: column `name`, then one per metric."""
    return Path("metrics/medical") / task / f"{method}.csv"


def cost(method: str) -> Path:
    """What a method costs."""
    return Path("metrics/medical/cost") / f"{method}.json"


def check_task(task: str) -> str:
    """`task` itself. Raises UserError if there is no such task."""
    if task not in FOLDERS:
        raise UserError(f"medical task {task!r}; allowed are {', '.join(FOLDERS)}")
    return task

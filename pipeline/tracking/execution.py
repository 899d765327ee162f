"""The execution that a stage belongs to: a run above those of its stages in MLflow.

DVC names an experiment, `python -m pipeline.run` names itself, and `IVIF_EXECUTION` names whatever
is started with it. A plain `dvc repro` gives its stages nothing that says which of them belong
together: there no run is above theirs.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from pipeline.params import Params, flatten
from pipeline.params.runtime import COMPUTED
from pipeline.provenance.fingerprint import fingerprint
from pipeline.tracking.store import log_params, notes

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXECUTION = "IVIF_EXECUTION"
"""Variable with the name of an execution; DVC's own counts where it is not set."""
STAGE = "execution"
"""The tag `stage` of a parent run."""
_PARENT = "mlflow.parentRunId"
_ORIGIN = ("git_commit", "preset")
_LOST = ("FAILED", "KILLED")


def name() -> str:
    """Name of the execution that this process belongs to, '' without one."""
    return os.environ.get(EXECUTION) or os.environ.get("DVC_EXP_NAME", "")


def begin() -> None:
    """Name the execution that this process starts, unless it has a name."""
    os.environ.setdefault(EXECUTION, f"run {datetime.now():%Y-%m-%d %H:%M:%S}")


def whole(params: Params) -> dict[str, Any]:
    """All params that a result depends on, flat."""
    computed = params.runtime.model_dump(mode="json", include=COMPUTED)
    return flatten(params.model_dump(mode="json", exclude={"runtime"}) | {"runtime": computed})


def join(
    client: MlflowClient, experiment_id: str, logged: dict[str, Any], tags: dict[str, str]
) -> str:
    """Id of the execution's run, at work again; the first of its stages makes it. '' without one.

    Args:
        client: of the store.
        experiment_id: of the stage's experiment.
        logged: params of the whole; others under the same name are another execution.
        tags: of the stage's run; the parent has those that say where it comes from.
    """
    if not name():
        return ""
    mark = fingerprint(name(), logged)
    with _lock():
        found = client.search_runs([experiment_id], f"tags.stage = '{STAGE}'")
        parent = next((run for run in found if run.data.tags.get("mark") == mark), None)
        if parent is None:
            own = {key: tags[key] for key in tags if key.startswith("mlflow.") or key in _ORIGIN}
            own |= {"stage": STAGE, "execution": name(), "mark": mark}
            own["mlflow.source.name"] = "dvc.yaml"
            parent = client.create_run(experiment_id, tags=own, run_name=name())
            log_params(client, parent.info.run_id, logged)
        elif parent.info.status not in _LOST:
            client.update_run(parent.info.run_id, status="RUNNING")
    return str(parent.info.run_id)


def tags_of(parent: str) -> dict[str, str]:
    """What puts a run below its execution's."""
    return {_PARENT: parent, "execution": name()} if parent else {}


def adopt(client: MlflowClient, run_id: str, parent: str) -> None:
    """Put a run that was taken up below this execution; the one that it was left by is over."""
    before = parent_of(client, run_id)
    if before in ("", parent):
        return
    client.set_terminated(before, status="KILLED")
    for key, value in tags_of(parent).items():
        client.set_tag(run_id, key, value)


def parent_of(client: MlflowClient, run_id: str) -> str:
    """Id of the run that another one is nested below, '' for none."""
    tags: dict[str, str] = client.get_run(run_id).data.tags
    return tags.get(_PARENT, "")


def end(client: MlflowClient, run_id: str, status: str) -> None:
    """End a run; its execution then has the worst status of its stages so far."""
    client.set_terminated(run_id, status=status)
    parent = parent_of(client, run_id)
    if not parent:
        return
    with _lock():
        so_far = client.get_run(parent).info.status
        client.set_terminated(parent, status=so_far if so_far in _LOST else status)


def _lock() -> FileLock:
    """Stages side by side make one parent, and lose no status."""
    return FileLock(notes() / "executions.lock")

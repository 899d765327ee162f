"""One MLflow run a stage; a server that does not answer costs a warning, never a result."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from pipeline.images.whole import write_text
from pipeline.params import Params
from pipeline.provenance.fingerprint import fingerprint
from pipeline.tracking.client import Run, failures, uri, warn

if TYPE_CHECKING:
    from mlflow import MlflowClient

ARTIFACTS = Path("mlartifacts")
_OPEN_RUNS = Path("checkpoints/runs")

# A dead server must cost seconds, not MLflow's default of many minutes.
_PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_TIMEOUT": "20"}


def _connect(experiment: str) -> tuple[MlflowClient, str]:
    """A client, and the id of the experiment, which is made if need be."""
    from mlflow import MlflowClient

    for key, value in _PATIENCE.items():
        os.environ.setdefault(key, value)
    # Two stages that first touch a new database at once would race in its migration.
    _OPEN_RUNS.mkdir(parents=True, exist_ok=True)
    with FileLock(_OPEN_RUNS / ".lock"):
        client = MlflowClient(uri())
        found = client.get_experiment_by_name(experiment)
        if found is not None:
            return client, found.experiment_id
        local = uri().startswith("sqlite:")
        location = (ARTIFACTS / experiment).resolve().as_uri() if local else None
        return client, client.create_experiment(experiment, artifact_location=location)


def commit() -> str:
    """The git commit of the working directory, with `-dirty` after local changes, or ''."""
    if shutil.which("git") is None:
        return ""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stdout.strip()


def _take_up(client: MlflowClient, note: Path, mark: str) -> str | None:
    """Id of the run that a killed stage left open with the same params; others are closed."""
    if not note.is_file():
        return None
    run_id, _, left = note.read_text(encoding="utf-8").partition(" ")
    try:
        client.get_run(run_id)
        if left == mark:
            client.update_run(run_id, status="RUNNING")
            return run_id
        client.set_terminated(run_id, status="KILLED")
    except failures():
        pass  # the store was deleted or is another one: a new run it is
    return None


def _open(experiment: str, name: str, tags: dict[str, str], logged: dict[str, Any]) -> Run:
    """Connect, take up or make the run, log its params; on failure a run that does nothing."""
    note = _OPEN_RUNS / f"{name}.txt"
    mark = fingerprint(uri(), logged)
    try:
        client, experiment_id = _connect(experiment)
        run_id = _take_up(client, note, mark)
        if run_id is None:
            run_id = client.create_run(experiment_id, tags=tags, run_name=name).info.run_id
            _log_params(client, run_id, logged)
        write_text(note, f"{run_id} {mark}")
    except failures() as error:
        warn(error)
        return Run(None, "")
    return Run(client, run_id)


def _log_params(client: MlflowClient, run_id: str, logged: dict[str, Any]) -> None:
    from mlflow.entities import Param

    entries = [Param(key, str(value)[:6000]) for key, value in logged.items()]
    for start in range(0, len(entries), 100):  # the REST API takes 100 a call
        client.log_batch(run_id, params=entries[start : start + 100])


@contextmanager
def run(
    params: Params,
    stage: str,
    subject: str = "",
    logged: dict[str, Any] | None = None,
    experiment: str | None = None,
) -> Iterator[Run]:
    """Open the stage's MLflow run; its name is `stage@subject`.

    A run that a killed stage left open is taken up again if its params are the same.

    Args:
        params: the project's params.
        stage: name of the DVC stage.
        subject: the method or input it works on, a tag and a param; '' for stages without one.
        logged: flat params of the stage, see `pipeline.params.flatten`.
        experiment: name of the MLflow experiment; the data set by default.

    Yields:
        The run; it ends FINISHED, FAILED after an exception, or KILLED after an interruption.
    """
    name = f"{stage}@{subject}" if subject else stage
    kind = "input" if "segmentation" in stage else "method"
    tags = {"stage": stage, "git_commit": commit(), "preset": params.preset}
    subjects = {kind: subject} if subject else {}
    # As a param too: the plots of the compare view take params, not tags.
    logged = subjects | (logged or {})
    current = _open(experiment or params.data.dataset, name, tags | subjects, logged)
    status = "FAILED"
    try:
        yield current
        status = "FINISHED"
    except (KeyboardInterrupt, SystemExit):
        status = "KILLED"
        raise
    finally:
        current._try(lambda client: client.set_terminated(current.id, status=status))
        if status != "KILLED":
            (_OPEN_RUNS / f"{name}.txt").unlink(missing_ok=True)

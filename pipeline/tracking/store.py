"""MLflow's store: where it is, what it raises when it does not answer, how it is reached."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from pipeline.stage.home import home

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow import MlflowClient

# A dead server must cost seconds, not MLflow's default of many minutes.
_PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_TIMEOUT": "20"}


def uri() -> str:
    """Where runs go: `MLFLOW_TRACKING_URI`, else `mlflow.db` in the project's folder."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{home() / 'mlflow.db'}"


def notes() -> Path:
    """Folder of notes on runs that are open, or could not be closed."""
    return home() / "checkpoints" / "runs"


def failures() -> tuple[type[Exception], ...]:
    """What MLflow raises when its store or server does not answer."""
    from mlflow.exceptions import MlflowException
    from requests import RequestException
    from sqlalchemy.exc import SQLAlchemyError

    return (MlflowException, RequestException, SQLAlchemyError, ConnectionError, TimeoutError)


def warn(error: Exception) -> None:
    """Say in one line that the stage goes on without MLflow."""
    line = (str(error).strip() or type(error).__name__).splitlines()[0]
    print(f"warning: MLflow does not answer, going on without it: {line}", file=sys.stderr)


def connect(experiment: str) -> tuple[MlflowClient, str]:
    """A client, and the id of the experiment, which is made if need be."""
    from mlflow import MlflowClient

    for key, value in _PATIENCE.items():
        os.environ.setdefault(key, value)
    # Two stages that first touch a new database at once would race in its migration.
    notes().mkdir(parents=True, exist_ok=True)
    with FileLock(notes() / ".lock"):
        client = MlflowClient(uri())
        found = client.get_experiment_by_name(experiment)
        if found is not None:
            return client, found.experiment_id
        local = uri().startswith("sqlite:")
        location = (home() / "mlartifacts" / experiment).as_uri() if local else None
        return client, client.create_experiment(experiment, artifact_location=location)


def log_params(client: MlflowClient, run_id: str, values: dict[str, Any]) -> None:
    """Log flat params to a run, as much of long ones as MLflow takes."""
    from mlflow.entities import Param

    entries = [Param(key, str(value)[:6000]) for key, value in values.items()]
    for start in range(0, len(entries), 100):  # the REST API takes 100 a call
        client.log_batch(run_id, params=entries[start : start + 100])

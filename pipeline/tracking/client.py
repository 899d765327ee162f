"""An open MLflow run, whose failures cost a warning and nothing else."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from mlflow import MlflowClient

STORE = Path("mlflow.db")


def uri() -> str:
    """Where runs go: `MLFLOW_TRACKING_URI`, else `mlflow.db` in the working directory."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{STORE.resolve()}"


def failures() -> tuple[type[Exception], ...]:
    """What MLflow raises when its store or server does not answer."""
    from mlflow.exceptions import MlflowException
    from requests import RequestException
    from sqlalchemy.exc import SQLAlchemyError

    return (MlflowException, RequestException, SQLAlchemyError, OSError)


def warn(error: Exception) -> None:
    """Say in one line that the stage goes on without MLflow."""
    line = str(error).strip().splitlines()[0]
    print(f"warning: MLflow does not answer, going on without it: {line}", file=sys.stderr)


class Run:
    """An open MLflow run. After the first failed call all others do nothing."""

    def __init__(self, client: MlflowClient | None, run_id: str) -> None:
        self.client = client
        self.id = run_id

    def _try(self, call: Callable[[MlflowClient], object]) -> None:
        if self.client is None:
            return
        try:
            call(self.client)
        except failures() as error:
            warn(error)
            self.client = None

    def metrics(self, values: dict[str, float], step: int = 0) -> None:
        """Log numbers at a step (an epoch, as a rule)."""
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        batch = [Metric(key, float(value), now, step) for key, value in values.items()]
        self._try(lambda client: client.log_batch(self.id, metrics=batch))

    def artifact(self, path: Path | str, folder: str | None = None) -> None:
        """Log a file under `folder` of the run's artifacts."""
        self._try(lambda client: client.log_artifact(self.id, str(path), folder))

    def figure(self, figure: Figure, name: str) -> None:
        """Log a matplotlib figure as the artifact `name`, e.g. `confusion.png`.

        MLflow's compare view shows side by side what lies at the top, in no folder.
        """
        self._try(lambda client: client.log_figure(self.id, figure, name))

    def tag(self, key: str, value: str) -> None:
        """Set a tag."""
        self._try(lambda client: client.set_tag(self.id, key, value))

    def fluent(self, log: Callable[[], object]) -> None:
        """Call `log` with this run as MLflow's active one, for what the client cannot: models."""

        def call(_: MlflowClient) -> None:
            import mlflow

            mlflow.set_tracking_uri(uri())
            with mlflow.start_run(run_id=self.id):
                log()

        self._try(call)

    def newest(self) -> dict[str, tuple[str, str]]:
        """Experiment and run id of the newest finished run of each name in this experiment."""
        found: dict[str, tuple[str, str]] = {}

        def search(client: MlflowClient) -> None:
            experiment = client.get_run(self.id).info.experiment_id
            runs = client.search_runs(
                [experiment], "attributes.status = 'FINISHED'", order_by=["start_time DESC"]
            )
            for run in runs:
                found.setdefault(run.info.run_name, (experiment, run.info.run_id))

        self._try(search)
        return dict(sorted(found.items()))

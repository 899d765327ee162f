"""An open MLflow run, whose failures cost a warning and nothing else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.tracking import execution
from pipeline.tracking.store import failures, uri, warn

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from mlflow import MlflowClient
    from mlflow.entities import DatasetInput


class Run:
    """An open MLflow run. After the first call that its server does not answer, nothing is sent.

    Args:
        client: of the store; None for a run that does nothing.
        run_id: of the run.
        taken_up: whether a killed stage had opened it: steps that it logged are not logged twice.
    """

    def __init__(self, client: MlflowClient | None, run_id: str, taken_up: bool = False) -> None:
        self.client = client
        self.id = run_id
        self._taken_up = taken_up
        self._logged: dict[str, set[int]] = {}

    def _try(self, call: Callable[[MlflowClient], object]) -> None:
        if self.client is None:
            return
        try:
            call(self.client)
        except failures() as error:
            warn(error)
            self.client = None
        except OSError as error:
            # A file of ours, not the server: the rest can still be logged.
            print(f"warning: not logged to MLflow: {error}", file=sys.stderr)

    def _steps(self, client: MlflowClient, key: str) -> set[int]:
        """Steps of a metric that the run had when it was taken up."""
        if self._taken_up and key not in self._logged:
            history = client.get_metric_history(self.id, key)
            self._logged[key] = {point.step for point in history}
        return self._logged.get(key, set())

    def metrics(self, values: dict[str, float], step: int = 0) -> None:
        """Log numbers at a step (an epoch, as a rule), each step once."""
        from mlflow.entities import Metric

        now = int(time.time() * 1000)

        def log(client: MlflowClient) -> None:
            new = {k: v for k, v in values.items() if step not in self._steps(client, k)}
            batch = [Metric(key, float(value), now, step) for key, value in new.items()]
            client.log_batch(self.id, metrics=batch)

        self._try(log)

    def artifact(self, path: Path | str, folder: str | None = None) -> None:
        """Log a file under `folder` of the run's artifacts."""
        self._try(lambda client: client.log_artifact(self.id, str(path), folder))

    def figure(self, figure: Figure, name: str) -> None:
        """Log a matplotlib figure as the artifact `name`, e.g. `confusion.png`.

        MLflow's compare view shows side by side what lies at the top, in no folder.
        """
        self._try(lambda client: client.log_figure(self.id, figure, name))

    def inputs(self, found: list[DatasetInput]) -> None:
        """Log what the run read, for MLflow's column Dataset."""
        if found:
            self._try(lambda client: client.log_inputs(self.id, found))

    def tag(self, key: str, value: str) -> None:
        """Set a tag."""
        self._try(lambda client: client.set_tag(self.id, key, value))

    def conclude(self, verdict: str, found: dict[str, float]) -> None:
        """Log what came of the whole: on this run, and on that of its execution if there is one.

        Args:
            verdict: a sentence or more, for MLflow's column Description.
            found: the numbers.
        """
        from mlflow.entities import Metric, RunTag

        now = int(time.time() * 1000)
        tags = [RunTag("mlflow.note.content", verdict)]
        numbers = [Metric(key, value, now, 0) for key, value in found.items()]

        def log(client: MlflowClient) -> None:
            for run in filter(None, (self.id, execution.parent_of(client, self.id))):
                client.log_batch(run, metrics=numbers, tags=tags)

        self._try(log)

    def fluent(self, log: Callable[[], object]) -> None:
        """Call `log` with this run as MLflow's active one, for what the client cannot: models."""

        def call(_: MlflowClient) -> None:
            import mlflow

            mlflow.set_tracking_uri(uri())
            with mlflow.start_run(run_id=self.id):
                log()

        self._try(call)

    def end(self, status: str) -> None:
        """End the run with a status of MLflow: FINISHED, FAILED or KILLED."""
        self._try(lambda client: execution.end(client, self.id, status))

    def newest(self) -> dict[str, tuple[str, str]]:
        """Experiment and run id of the newest finished run of each name in this experiment."""
        found: dict[str, tuple[str, str]] = {}

        def search(client: MlflowClient) -> None:
            experiment = client.get_run(self.id).info.experiment_id
            runs = client.search_runs(
                [experiment],
                f"attributes.status = 'FINISHED' and tags.stage != '{execution.STAGE}'",
                order_by=["start_time DESC"],
            )
            for run in runs:
                found.setdefault(run.info.run_name, (experiment, run.info.run_id))

        self._try(search)
        return dict(sorted(found.items()))

"""One MLflow run a stage; a server that does not answer costs a warning, never a result."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from pipeline.checkpoint import fingerprint
from pipeline.files import write_text
from pipeline.params import Params

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from mlflow import MlflowClient

STORE = Path("mlflow.db")
ARTIFACTS = Path("mlartifacts")
_OPEN_RUNS = Path("checkpoints/runs")

# A dead server must cost seconds, not MLflow's default of many minutes.
_PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_TIMEOUT": "20"}


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
        except _failures() as error:
            _warn(error)
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


def _failures() -> tuple[type[Exception], ...]:
    from mlflow.exceptions import MlflowException
    from requests import RequestException
    from sqlalchemy.exc import SQLAlchemyError

    return (MlflowException, RequestException, SQLAlchemyError, OSError)


def _warn(error: Exception) -> None:
    line = str(error).strip().splitlines()[0]
    print(f"warning: MLflow does not answer, going on without it: {line}", file=sys.stderr)


def uri() -> str:
    """Where runs go: `MLFLOW_TRACKING_URI`, else `mlflow.db` in the working directory."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{STORE.resolve()}"


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
    except _failures():
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
    except _failures() as error:
        _warn(error)
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

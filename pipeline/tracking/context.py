"""One MLflow run a stage; a server that does not answer costs a warning, never a result."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pipeline.params import Params
from pipeline.provenance.fingerprint import fingerprint
from pipeline.provenance.modules import hashes, method_hashes
from pipeline.provenance.stages import MEDICAL, MODULES
from pipeline.stage import rank
from pipeline.tracking import execution
from pipeline.tracking.client import Run
from pipeline.tracking.open_runs import close_left, leave_unclosed, note_of, take_up, write_note
from pipeline.tracking.origin import SPLITS, inputs, source_tags
from pipeline.tracking.store import connect, failures, log_params, warn

if TYPE_CHECKING:
    from pathlib import Path


def commit() -> str:
    """The git commit of the working directory, with `-dirty` after local changes, or ''."""
    if shutil.which("git") is None:
        return ""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stdout.strip()


def _mark(experiment: str, name: str, stage: str, logged: dict[str, Any]) -> str:
    """What a run belongs to: experiment, stage, params and code, the method's own with it."""
    module = (MODULES | MEDICAL).get(stage)
    code = hashes(module) if module else {}
    method = logged.get("type") or logged.get("method")
    return fingerprint(experiment, name, logged, code, method_hashes(str(method)))


def _open(
    experiment: str, name: str, note: Path, mark: str, tags: dict[str, str],
    logged: dict[str, Any], whole: dict[str, Any],
) -> Run:  # fmt: skip
    """Connect, take up or make the run, log its params; on failure a run that does nothing."""
    try:
        client, experiment_id = connect(experiment)
        close_left(client)
        parent = execution.join(client, experiment_id, whole, tags)
        run_id = take_up(client, note, mark)
        taken_up = run_id is not None
        if run_id is None:
            tags = tags | execution.tags_of(parent)
            run_id = client.create_run(experiment_id, tags=tags, run_name=name).info.run_id
            log_params(client, run_id, logged)
        else:
            execution.adopt(client, run_id, parent)
        write_note(note, run_id, mark)
    except failures() as error:
        warn(error)
        return Run(None, "")
    return Run(client, run_id, taken_up)


def _close(current: Run, note: Path, status: str) -> None:
    """End the run; what cannot be told to the server is told once it is back."""
    current.end(status)
    if current.client is None and current.id:
        leave_unclosed(note, status)
    elif status != "KILLED":
        note.unlink(missing_ok=True)


@contextmanager
def run(
    params: Params,
    stage: str,
    subject: str = "",
    logged: dict[str, Any] | None = None,
    experiment: str | None = None,
    part: str = "",
    network: str = "",
) -> Iterator[Run]:
    """Open the stage's MLflow run; its name is `stage@network-subject-part`, as far as there are.

    A run that a killed stage left open is taken up again by the same stage of the same
    experiment, if its params and code are the same. A stage of an execution that has a name has
    its run below the execution's, see `pipeline.tracking.execution`.

    Args:
        params: the project's params.
        stage: name of the DVC stage.
        subject: the method or input it works on, a tag and a param; '' for stages without one.
        logged: flat params of the stage, see `pipeline.params.flatten`.
        experiment: name of the MLflow experiment; the data set by default.
        part: which of several runs of the stage on one subject, e.g. `seed-0`.
        network: of the segmentation, a tag and a param like the subject.

    Yields:
        The run; it ends FINISHED, FAILED after an exception, or KILLED after an interruption. Of
        several processes of one stage only the first has one; that of the others does nothing.
    """
    if not rank.first():
        yield Run(None, "")
        return
    item = "-".join(filter(None, (network, subject, part)))
    name = f"{stage}@{item}" if item else stage
    experiment = experiment or params.data.dataset
    kind = "input" if network else "method"
    version = commit()
    tags = {"stage": stage, "git_commit": version, "preset": params.preset}
    tags |= source_tags(version)
    subjects = {kind: subject} if subject else {}
    subjects |= {"network": network} if network else {}
    # As a param too: the plots of the compare view take params, not tags.
    logged = subjects | (logged or {})
    mark = _mark(experiment, name, stage, logged)
    of_the_data = experiment == params.data.dataset
    whole = execution.whole(params) if of_the_data else {}
    with note_of(experiment, name) as note:
        current = _open(experiment, name, note, mark, tags | subjects, logged, whole)
        status = "FAILED"
        try:
            yield current
            status = "FINISHED"
            if of_the_data:
                current.inputs(inputs(params.data, SPLITS.get(stage, ())))
        except (KeyboardInterrupt, SystemExit):
            status = "KILLED"
            raise
        finally:
            _close(current, note, status)

"""Runs whose artifacts nobody needs: a newer finished run of the same name is there."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from pipeline.tracking.store import failures, uri, warn


def artifact_folders() -> list[Path]:
    """Local artifact folders of runs that a newer one of their name and experiment replaced.

    Empty for a store on a server, whose disk is not ours to clean, and where it does not answer.
    """
    if not uri().startswith("sqlite:") or not Path(uri().removeprefix("sqlite:///")).is_file():
        return []
    from mlflow import MlflowClient

    found: list[Path] = []
    try:
        client = MlflowClient(uri())
        for experiment in client.search_experiments():
            seen: set[str] = set()
            for run in client.search_runs(
                [experiment.experiment_id], order_by=["start_time DESC"], max_results=10_000
            ):
                name = run.info.run_name or ""
                if name in seen and run.info.status != "RUNNING":
                    found.append(Path(unquote(urlsplit(run.info.artifact_uri).path)))
                elif run.info.status == "FINISHED":
                    seen.add(name)
    except failures() as error:
        warn(error)
    return [folder for folder in found if folder.is_dir()]

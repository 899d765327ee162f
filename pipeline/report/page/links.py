"""Where the runs behind the numbers are found in MLflow."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from pipeline import tracking
from pipeline.params import Params

OF_NETWORKS = ("train_segmentation", "evaluate_segmentation", "evaluate_for_all")
"""Stages of a network and an input."""

_LOCAL_UI = "http://127.0.0.1:5000"


def public(uri: str) -> str:
    """`uri` as the page shows it, which is there to be passed on.

    No user name or password, and a database in the working directory by its name alone.
    """
    parts = urlsplit(uri)
    if parts.scheme in ("http", "https"):
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return uri.replace(f"{Path.cwd()}/", "")


def links(params: Params, run: tracking.Run) -> dict[str, Any]:
    """The store, how to open it, a link for the newest run of each stage, and one to compare.

    `compare` is MLflow's page of all segmentation results side by side, or of the fusion metrics
    where nothing is segmented; '' if there are less than two.

    Runs of methods that `params.yaml` no longer names are left out.
    """
    compared = ("evaluate_segmentation", "evaluate_fusion")
    return links_of(run, lambda name: _named(name, params), compared)


def links_of(
    run: tracking.Run, named: Callable[[str], bool], compared: Sequence[str]
) -> dict[str, Any]:
    """As `links`, of any experiment.

    Args:
        run: one of the experiment.
        named: whether a run of that name is linked.
        compared: stages whose runs are compared, the first of them that has several.
    """
    uri = public(tracking.uri())
    served = uri.startswith(("http://", "https://"))
    base = uri.rstrip("/") if served else _LOCAL_UI
    newest = {name: found for name, found in run.newest().items() if named(name)}
    return {
        "uri": uri,
        "base": base,
        "command": "" if served else f"mlflow ui --backend-store-uri {uri}",
        "runs": {
            name: f"{base}/#/experiments/{experiment}/runs/{run_id}"
            for name, (experiment, run_id) in newest.items()
        },
        "compare": next(filter(None, (_compare(base, newest, one) for one in compared)), ""),
    }


def _named(run_name: str, params: Params) -> bool:
    """Whether a run is of a method and network of `params.yaml`, or of a stage without either."""
    stage, _, subject = run_name.partition("@")
    networks, methods = list(params.segmentation.networks), list(params.fusion.methods)
    if stage == "train_for_all":
        known = networks
    elif stage in OF_NETWORKS:
        known = [f"{network}-{method}" for network in networks for method in methods]
    else:
        known = methods
    return not subject or any(subject == one or subject.startswith(f"{one}-") for one in known)


def _compare(base: str, newest: dict[str, tuple[str, str]], stage: str) -> str:
    """Address of MLflow's compare view of the stage's runs, '' if there are less than two."""
    found = [place for name, place in newest.items() if name.startswith(f"{stage}@")]
    if len(found) < 2:
        return ""
    experiments = quote(json.dumps(sorted({experiment for experiment, _ in found})))
    runs = quote(json.dumps([run_id for _, run_id in found]))
    return f"{base}/#/compare-runs?runs={runs}&experiments={experiments}"

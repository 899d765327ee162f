"""Where the runs behind the numbers are found in MLflow."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pipeline import tracking
from pipeline.params import Params

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
    """The store, how to open it, and a link for the newest run of each stage.

    Runs of methods that `params.yaml` no longer names are left out.
    """
    uri = public(tracking.uri())
    served = uri.startswith(("http://", "https://"))
    base = uri.rstrip("/") if served else _LOCAL_UI
    runs = {
        name: f"{base}/#/experiments/{experiment}/runs/{run_id}"
        for name, (experiment, run_id) in run.newest().items()
        if "@" not in name or name.partition("@")[2] in params.fusion.methods
    }
    command = "" if served else f"mlflow ui --backend-store-uri {uri}"
    return {"uri": uri, "base": base, "command": command, "runs": runs}

"""`make ui`: MLflow's pages on this machine, and where to look first."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from pipeline import tracking
from pipeline.params import load
from pipeline.stage.command import command
from pipeline.stage.errors import UserError

HOST = "127.0.0.1"


def _check_free(port: int) -> None:
    """Raise UserError if another program has the port."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HOST, port))
        except OSError as error:
            raise UserError(
                f"port {port}: {error.strerror}; take another: make ui PORT={port + 1}"
            ) from None


def _first_page(uri: str, dataset: str) -> str:
    """Path of the page with the runs of the data set, of all experiments if it has none."""
    from mlflow import MlflowClient

    found = MlflowClient(uri).get_experiment_by_name(dataset)
    return f"#/experiments/{found.experiment_id}/runs" if found else "#/experiments"


@command
def main(port: int = 5000) -> None:
    """Serve MLflow's pages at --port until Ctrl-C."""
    uri = tracking.uri()
    if uri.startswith(("http://", "https://")):
        print(f"MLFLOW_TRACKING_URI is a server already; open {uri}")
        return
    if uri.startswith("sqlite:///") and not Path(uri.removeprefix("sqlite:///")).is_file():
        raise UserError(f"{uri}: no run is there yet; make repro makes some")
    _check_free(port)
    page = _first_page(uri, load().data.dataset)
    print(
        f"Runs: http://{HOST}:{port}/{page} once it says that it runs; Ctrl-C ends it", flush=True
    )
    server = ["-m", "mlflow", "server", "--host", HOST, "--port", str(port), "--workers", "1"]
    os.execv(sys.executable, [sys.executable, *server, "--backend-store-uri", uri])


if __name__ == "__main__":
    main()

"""`make ui`: what it says before MLflow's own server takes over."""

import socket
from pathlib import Path

import pytest
import yaml

from pipeline import tracking, ui
from pipeline.params import load


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, and a system that starts nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    (tmp_path / "params.yaml").write_text(yaml.safe_dump({"fusion": {"methods": {"ir": {}}}}))
    return tmp_path


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Command lines that would have replaced this process."""
    found: list[list[str]] = []
    monkeypatch.setattr(ui.os, "execv", lambda _, command: found.append(command))
    return found


def refused(capsys, *arguments: str) -> str:
    with pytest.raises(SystemExit) as stopped:
        ui.main(list(arguments))
    assert stopped.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_without_a_run_it_says_what_makes_one(here: Path, capsys) -> None:
    assert refused(capsys).endswith("mlflow.db: no run is there yet; make repro makes some")


def test_a_port_that_is_taken_is_named_with_another(here: Path, capsys) -> None:
    (here / "mlflow.db").touch()
    with socket.socket() as other:
        other.bind((ui.HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        line = refused(capsys, "--port", str(port))
    assert line.startswith(f"error: port {port}: ")
    assert line.endswith(f"make ui PORT={port + 1}")


def test_it_names_the_page_of_the_data_sets_runs(here: Path, capsys, started) -> None:
    with tracking.run(load(), "prepare"):
        pass
    with socket.socket() as free:
        free.bind((ui.HOST, 0))
        port = free.getsockname()[1]
    ui.main(["--port", str(port)])
    assert f"http://127.0.0.1:{port}/#/experiments/1/runs" in capsys.readouterr().out
    ((_, *command),) = started
    assert command[:3] == ["-m", "mlflow", "server"]
    assert command[-2:] == ["--backend-store-uri", tracking.uri()]


def test_a_server_elsewhere_is_only_named(here: Path, capsys, started, monkeypatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://mlflow.example:5000")
    ui.main([])
    assert "open http://mlflow.example:5000" in capsys.readouterr().out
    assert started == []

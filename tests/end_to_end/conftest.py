from collections.abc import Iterator
from pathlib import Path

import pytest
from clone_case import make_clone, metrics, run
from mlflow_case import serving


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, dict[str, object]]:
    """A clone after its first `dvc repro`, what that printed, and what it measured."""
    clone = make_clone(tmp_path_factory.mktemp("repro"))
    output = run(clone, "dvc", "repro")
    return clone, output, metrics(clone)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an MLflow server of the module's own."""
    with serving(tmp_path_factory.mktemp("server")) as uri:
        yield uri

from pathlib import Path

import pytest
from clone_case import make_clone, metrics, run


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, dict[str, object]]:
    """A clone after its first `dvc repro`, what that printed, and what it measured."""
    clone = make_clone(tmp_path_factory.mktemp("repro"))
    output = run(clone, "dvc", "repro")
    return clone, output, metrics(clone)

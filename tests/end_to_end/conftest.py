from collections.abc import Iterator

import pytest
from mlflow_case import serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an MLflow server of the module's own."""
    with serving(tmp_path_factory.mktemp("server")) as uri:
        yield uri

import io
from contextlib import redirect_stdout

import pytest
import report_case

from pipeline.report.__main__ import main


@pytest.fixture(scope="session")
def report(tmp_path_factory):
    """Folder in which the stage `report` has run on `report_case`, and what it printed."""
    root = report_case.build(tmp_path_factory.mktemp("report"))
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
        patch.chdir(root)
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        main([])
    return root, printed.getvalue()

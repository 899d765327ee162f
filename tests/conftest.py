"""Fixtures that several test files share."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def _shared(name: str) -> Path:
    folder = Path(os.environ.get("IVIF_SHARED", ROOT.parent / "shared")) / name
    if not folder.is_dir():
        pytest.skip(f"no {name} folder; set IVIF_SHARED to the folder that has it")
    return folder


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real images (MSRS subset and others); tests skip where it is absent."""
    return _shared("data")


@pytest.fixture(scope="session")
def shared_golden() -> Path:
    """Folder of reference values made by other implementations; tests skip where absent."""
    return _shared("golden")

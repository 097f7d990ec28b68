"""What every test may use: the handed-over inputs, and closed sockets."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of handed-over inputs (`DOMICILE_SHARED`); absent: skip with a word, or fail in CI."""
    folder = (ROOT / os.environ.get("DOMICILE_SHARED", "../shared")).resolve()
    if folder.is_dir():
        return folder
    if os.environ.get("CI") == "true":
        pytest.fail(f"no handed-over inputs at {folder}: in CI they must be there")
    pytest.skip(f"no handed-over inputs at {folder}; set DOMICILE_SHARED to their folder")

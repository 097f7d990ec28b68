"""What every test may use: the handed-over inputs, and an open ledger in folders of its own."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings
from pytest_django import Settings

from audit.trails import open_ledger

pytest_plugins = ("tests.sockets", "tests.installation", "tests.flush")

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {"KEYS_DIR": "keys", "SECOND_STORE_DIR": "second-store", "BUNDLES_DIR": "bundles"}


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of handed-over inputs (`DOMICILE_SHARED`); absent: skip with a word, or fail in
    CI."""
    folder = (ROOT / os.environ.get("DOMICILE_SHARED", "../shared")).resolve()
    if folder.is_dir():
        return folder
    if os.environ.get("CI") == "true":
        pytest.fail(f"no handed-over inputs at {folder}: in CI they must be there")
    pytest.skip(f"no handed-over inputs at {folder}; set DOMICILE_SHARED to their folder")


@pytest.fixture
def ledger(transactional_db: None, settings: Settings, tmp_path: Path) -> None:
    """A new ledger with its fleet and operator trails, keys and second store, which ends with the
    test."""
    for name, folder in FOLDERS.items():
        setattr(settings, name, tmp_path / folder)
    open_ledger(actor="olga")


@pytest.fixture(scope="session", autouse=True)
def _far_from_real_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test can come near the keys and the second store of a real ledger."""
    folder = tmp_path_factory.mktemp("ledger")
    with override_settings(**{name: folder / part for name, part in FOLDERS.items()}):
        yield

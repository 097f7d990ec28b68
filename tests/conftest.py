"""What every test may use: the handed-over inputs, and an open ledger in folders of its own."""

import importlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.db.backends.base.operations import BaseDatabaseOperations
from django.test import override_settings
from pytest_django import Settings

from audit.trails import open_ledger

pytest_plugins = ("tests.sockets", "tests.installation")

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {"KEYS_DIR": "keys", "SECOND_STORE_DIR": "second-store", "BUNDLES_DIR": "bundles"}
# The migrations that hold the append-only triggers, as statements.
GUARDS = ("audit.migrations.0002_guard_entries", "sovereignty.migrations.0002_guard_policies")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of handed-over inputs (`DOMICILE_SHARED`); absent: skip with a word, or fail in CI."""
    folder = (ROOT / os.environ.get("DOMICILE_SHARED", "../shared")).resolve()
    if folder.is_dir():
        return folder
    if os.environ.get("CI") == "true":
        pytest.fail(f"no handed-over inputs at {folder}: in CI they must be there")
    pytest.skip(f"no handed-over inputs at {folder}; set DOMICILE_SHARED to their folder")


@pytest.fixture
def ledger(transactional_db: None, settings: Settings, tmp_path: Path) -> None:
    """A new ledger with its fleet and operator trails, keys and second store, which ends with the test."""
    for name, folder in FOLDERS.items():
        setattr(settings, name, tmp_path / folder)
    open_ledger()


@pytest.fixture(scope="session", autouse=True)
def _far_from_real_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test can come near the keys and the second store of a real ledger."""
    folder = tmp_path_factory.mktemp("ledger")
    with override_settings(**{name: folder / part for name, part in FOLDERS.items()}):
        yield


@pytest.fixture(scope="session", autouse=True)
def _flush_lifts_the_guards() -> Iterator[None]:
    """Lift the append-only triggers for Django's flush between tests, and restore them before the next one begins."""
    flush: Callable[..., None] = BaseDatabaseOperations.execute_sql_flush

    def lifted(operations: Any, statements: list[str]) -> None:
        _each_guard(operations.connection.alias, "_BACK")
        flush(operations, statements)
        _each_guard(operations.connection.alias, "")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", lifted)
        yield


def _each_guard(alias: str, suffix: str) -> None:
    connection = connections[alias]
    engine = "POSTGRESQL" if connection.vendor == "postgresql" else "SQLITE"
    with connection.cursor() as cursor:
        for name in GUARDS:
            for statement in getattr(importlib.import_module(name), engine + suffix):
                cursor.execute(statement)

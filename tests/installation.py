"""A whole installation in a folder of its own, on the engine under test, driven through `manage.py`
as people drive it.

Its processes are real: they can be killed. Its settings are `tests.installed_settings`, with the
job kinds of `tests/job_kinds.py`.
"""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from shutil import copyfile
from threading import Event
from typing import IO, Any
from urllib.parse import quote, urlsplit

import psycopg
import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT_S = 120
_numbers = count()


@dataclass(frozen=True, slots=True)
class Installation:
    """One installation; `folder` holds all its files, `database` is its DOMICILE_DATABASE."""

    folder: Path
    database: str

    def manage(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `manage.py` to its end, whatever that is."""
        return subprocess.run(
            self._command(*arguments),
            env=self._environment(environment),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
        )

    def python(self, code: str) -> str:
        """Run `code` in the installation's shell and return what it printed. Raises
        CalledProcessError."""
        done = self.manage("shell", "--no-imports", "--command", code)
        done.check_returncode()
        return done.stdout.strip()

    def start(
        self, *arguments: str, stderr: IO[str] | int | None = None, **environment: str
    ) -> subprocess.Popen[str]:
        """Start `manage.py` and do not wait. Its standard error goes to `stderr`, or where ours
        goes."""
        command, given = self._command(*arguments), self._environment(environment)
        return subprocess.Popen(
            command, env=given, stdout=subprocess.PIPE, stderr=stderr, text=True
        )

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement in the installation's database, past the application. Returns the rows,
        if it has any."""
        url = urlsplit(self.database)
        if url.scheme == "sqlite":
            lite = sqlite3.connect(url.path, timeout=30)
            try:
                with lite:
                    return lite.execute(statement).fetchall()
            finally:
                lite.close()
        with psycopg.connect(self.database) as server:
            cursor = server.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, str(ROOT / "manage.py"), *arguments]

    def _environment(self, more: dict[str, str]) -> dict[str, str]:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith("DOMICILE_")
        }
        ours = {
            "DJANGO_SETTINGS_MODULE": "tests.installed_settings",
            "DOMICILE_VAR": str(self.folder),
            "DOMICILE_DATABASE": self.database,
            "DOMICILE_SWEEP_EVERY_S": "1",
        }
        return kept | ours | more


def until(true: Callable[[], Any], what: str, process: subprocess.Popen[str] | None = None) -> Any:
    """Return the first true value of `true()`; fail the test with `what` when there is none for
    long, or `process` ends first."""
    for _ in range(TIMEOUT_S * 20):
        if value := true():
            return value
        if process is not None and process.poll() is not None:
            pytest.fail(
                f"waited for {what}, got the end of the process, status {process.returncode}"
            )
        Event().wait(0.05)
    pytest.fail(f"waited for {what}, for {TIMEOUT_S} s")


@pytest.fixture
def installation(migrated: str, tmp_path: Path) -> Iterator[Installation]:
    """A migrated installation that ends with the test."""
    with _installed(migrated, tmp_path / "installation") as found:
        yield found


@pytest.fixture
def second_installation(migrated: str, tmp_path: Path) -> Iterator[Installation]:
    """Another one beside it."""
    with _installed(migrated, tmp_path / "second-installation") as found:
        yield found


@contextmanager
def _installed(migrated: str, folder: Path) -> Iterator[Installation]:
    folder.mkdir()
    if urlsplit(migrated).scheme == "sqlite":
        copyfile(urlsplit(migrated).path, folder / "domicile.sqlite3")
        yield Installation(folder, f"sqlite:///{folder}/domicile.sqlite3")
        return
    with _postgresql(_new_name(), template=urlsplit(migrated).path.lstrip("/")) as url:
        yield Installation(folder, url)


@pytest.fixture
def bare_installation(tmp_path: Path) -> Installation:
    """An installation whose database has no tables yet."""
    return Installation(tmp_path, f"sqlite:///{tmp_path}/domicile.sqlite3")


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a migrated, empty database, from which installations are copied."""
    folder = tmp_path_factory.mktemp("migrated")
    if connection.vendor == "sqlite":
        installation = Installation(folder, f"sqlite:///{folder}/domicile.sqlite3")
        installation.manage("migrate").check_returncode()
        # The log beside the file must be in the file before it is copied.
        installation.sql("PRAGMA wal_checkpoint(TRUNCATE)")
        yield installation.database
        return
    with _postgresql(_new_name()) as url:
        Installation(folder, url).manage("migrate").check_returncode()
        yield url


def _new_name() -> str:
    return f"domicile_installation_{os.getpid()}_{next(_numbers)}"


class _postgresql:
    """A database of its own on the server under test, dropped at the end. Entering it returns its
    URL."""

    def __init__(self, name: str, template: str = "template0") -> None:
        self._name, self._template = name, template

    def __enter__(self) -> str:
        self._run(f"CREATE DATABASE {self._name} TEMPLATE {self._template}")
        return _url(self._name)

    def __exit__(self, *_: object) -> None:
        self._run(f"DROP DATABASE {self._name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        with psycopg.connect(_url("postgres"), autocommit=True) as server:
            server.execute(statement)


def _url(name: str) -> str:
    database = connection.settings_dict
    user, password = quote(database.get("USER", "")), quote(database.get("PASSWORD", ""))
    who = f"{user}:{password}@" if password else f"{user}@" if user else ""
    port = f":{database['PORT']}" if database.get("PORT") else ""
    return f"postgresql://{who}{database.get('HOST', '')}{port}/{name}"

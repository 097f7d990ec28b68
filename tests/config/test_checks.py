"""The deployment's system checks: silent on a sound installation, and each fault said with its id
and a hint."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.checks import CheckMessage, run_checks
from django.db import connection
from pytest_django import Settings

from config import checks

Check = Callable[[None], list[CheckMessage]]


@pytest.fixture(autouse=True)
def _sound(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real installation, set up as it should be."""
    settings.LOG_ORIGIN = "ledger.hanxing.internal/log"
    monkeypatch.setitem(
        connection.settings_dict, "NAME", str(_made(tmp_path / "data") / "domicile.sqlite3")
    )
    settings.SECOND_STORE_DIR = tmp_path / "other-disk"
    settings.KEYS_DIR = tmp_path / "keys"
    settings.DEBUG = False
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    settings.SESSION_COOKIE_SECURE = False


@pytest.fixture
def on_sqlite() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("speaks of the folder of an SQLite file")


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _only(found: list[CheckMessage]) -> CheckMessage:
    assert len(found) == 1
    assert found[0].hint
    return found[0]


def test_a_sound_installation_is_passed_in_silence() -> None:
    assert [message for message in run_checks() if str(message.id).startswith("domicile.")] == []


@pytest.mark.usefixtures("on_sqlite")
def test_an_sqlite_folder_that_cannot_be_written_to_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(
        connection.settings_dict, "NAME", str(tmp_path / "absent" / "domicile.sqlite3")
    )
    assert _only(checks.check_database_folder(None)).id == "domicile.E001"


@pytest.mark.parametrize("name", [":memory:", "file:memorydb_default?mode=memory&cache=shared"])
def test_a_database_in_memory_has_no_folder(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(connection.settings_dict, "NAME", name)
    assert checks.check_database_folder(None) == []


def test_the_example_origin_is_warned_of(settings: Settings) -> None:
    settings.LOG_ORIGIN = "domicile.example/ledger"
    found = _only(checks.check_origin(None))
    assert found.id == "domicile.W002"
    assert "domicile.example/ledger" in found.msg


def test_the_example_origin_is_said_by_deployment_checks_alone(settings: Settings) -> None:
    settings.LOG_ORIGIN = "domicile.example/ledger"
    assert "domicile.W002" not in [message.id for message in run_checks()]
    assert "domicile.W002" in [message.id for message in run_checks(include_deployment_checks=True)]


def test_a_misspelt_variable_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOMICILE_SECONDSTORE", "/mnt/other")
    found = _only(checks.check_variables(None))
    assert (found.id, found.hint) == ("domicile.W007", "Did you mean DOMICILE_SECOND_STORE?")


@pytest.mark.usefixtures("on_sqlite")
def test_a_second_store_in_the_databases_folder_is_an_error(
    settings: Settings, tmp_path: Path
) -> None:
    settings.SECOND_STORE_DIR = tmp_path / "data" / "second-store"
    assert _only(checks.check_second_store(None)).id == "domicile.E003"


@pytest.mark.parametrize("origin", ["domicile.example/ledger", "demo.domicile.example/ledger"])
def test_a_trial_may_keep_everything_in_one_folder(
    settings: Settings, tmp_path: Path, origin: str
) -> None:
    settings.LOG_ORIGIN = origin
    settings.SECOND_STORE_DIR = tmp_path / "data" / "second-store"
    assert checks.check_second_store(None) == []


@pytest.mark.parametrize(
    ("mode", "ids"), [(0o700, []), (0o750, ["domicile.E004"]), (0o701, ["domicile.E004"])]
)
def test_keys_open_to_others_are_an_error(settings: Settings, mode: int, ids: list[str]) -> None:
    settings.KEYS_DIR.mkdir()
    settings.KEYS_DIR.chmod(mode)
    assert [message.id for message in checks.check_keys_folder(None)] == ids


def test_serving_others_without_https_is_warned_of(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "ledger.hanxing.internal"]
    assert _only(checks.check_https(None)).id == "domicile.W005"
    settings.SESSION_COOKIE_SECURE = True
    assert checks.check_https(None) == []


def test_debug_pages_for_others_are_an_error(settings: Settings) -> None:
    settings.DEBUG = True
    assert checks.check_debug(None) == []
    settings.ALLOWED_HOSTS = ["ledger.hanxing.internal"]
    assert _only(checks.check_debug(None)).id == "domicile.E006"

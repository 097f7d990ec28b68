"""Settings from the environment: each reader takes its spellings and refuses every other by name."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv("DOMICILE_X", raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("value", "wanted"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("FALSE", False), ("", True)]
)
def test_a_flag_takes_eight_words(given: pytest.MonkeyPatch, value: str, wanted: bool) -> None:
    given.setenv("DOMICILE_X", value)
    assert env.flag("X", default=True) is wanted


def test_a_flag_refuses_any_other_word(given: pytest.MonkeyPatch) -> None:
    given.setenv("DOMICILE_X", "enabled")
    with pytest.raises(ImproperlyConfigured, match=r"DOMICILE_X: wanted one of 1, true, .* came 'enabled'"):
        env.flag("X", default=False)


def test_a_whole_number_is_read_and_defaulted(given: pytest.MonkeyPatch) -> None:
    assert env.whole("X", 7) == 7
    given.setenv("DOMICILE_X", "12")
    assert env.whole("X", 7, least=12) == 12


@pytest.mark.parametrize("value", ["-1", "+5", "1.5", "five", "٣", "1"])
def test_a_whole_number_refuses_other_spellings_and_smaller_ones(given: pytest.MonkeyPatch, value: str) -> None:
    given.setenv("DOMICILE_X", value)
    with pytest.raises(ImproperlyConfigured, match="DOMICILE_X: wanted a whole number of at least 2, came"):
        env.whole("X", 7, least=2)


def test_words_are_split_at_commas_and_trimmed(given: pytest.MonkeyPatch) -> None:
    given.setenv("DOMICILE_X", "a.example , ,b.example")
    assert env.words("X", "") == ["a.example", "b.example"]


def test_a_folder_is_made_absolute(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given.chdir(tmp_path)
    given.setenv("DOMICILE_X", "keys")
    assert env.folder("X", Path("/elsewhere")) == tmp_path / "keys"


def test_a_sqlite_database_queues_its_writers(given: pytest.MonkeyPatch) -> None:
    given.setenv("DOMICILE_DATABASE", "sqlite:///data/domicile.sqlite3")
    database = env.database(Path("/unused"))
    assert database["NAME"] == "/data/domicile.sqlite3"
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"  # type: ignore[index]  # a dict of Django's


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("postgresql:///domicile", {"NAME": "domicile", "USER": "", "PASSWORD": "", "HOST": "", "PORT": ""}),
        (
            "postgres://olga:p%40ss@db.example:6432/domicile",
            {"NAME": "domicile", "USER": "olga", "PASSWORD": "p@ss", "HOST": "db.example", "PORT": "6432"},
        ),
    ],
)
def test_a_postgresql_url_is_taken_apart(given: pytest.MonkeyPatch, url: str, wanted: dict[str, str]) -> None:
    given.setenv("DOMICILE_DATABASE", url)
    database = env.database(Path("/unused"))
    assert {name: database[name] for name in wanted} == wanted


def test_refuses_a_database_of_another_kind(given: pytest.MonkeyPatch) -> None:
    given.setenv("DOMICILE_DATABASE", "mysql://db.example/domicile")
    with pytest.raises(ImproperlyConfigured, match=r"DOMICILE_DATABASE: wanted sqlite:///path .* scheme 'mysql'"):
        env.database(Path("/unused"))


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("redis://127.0.0.1:6379/0", {"visibility_timeout": 10, "unacked_restore_interval": 1, "unacked_restore_throttle": 1}),
        ("memory://localhost", {"polling_interval": 0.05}),
        ("amqp://127.0.0.1", {}),
    ],
)
def test_each_broker_is_asked_in_its_way(url: str, wanted: dict[str, object]) -> None:
    assert env.broker_options(url) == wanted

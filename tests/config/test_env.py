"""Settings from the environment: each reader takes its spellings and refuses all others by name."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv("DOMICILE_X", raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", True), ("Yes", True), ("on", True), ("0", False), ("FALSE", False), ("", True)],
)
def test_a_flag_takes_eight_words(given: pytest.MonkeyPatch, value: str, expected: bool) -> None:
    given.setenv("DOMICILE_X", value)
    assert env.flag("X", default=True) is expected


def test_a_flag_refuses_any_other_word(given: pytest.MonkeyPatch) -> None:
    given.setenv("DOMICILE_X", "enabled")
    with pytest.raises(
        ImproperlyConfigured, match=r"DOMICILE_X: want one of 1, true, .* got 'enabled'"
    ):
        env.flag("X", default=False)


def test_a_whole_number_is_read_and_defaulted(given: pytest.MonkeyPatch) -> None:
    assert env.whole("X", 7) == 7
    given.setenv("DOMICILE_X", "12")
    assert env.whole("X", 7, least=12) == 12


@pytest.mark.parametrize("value", ["-1", "+5", "1.5", "five", "٣", "1"])
def test_a_whole_number_refuses_other_spellings_and_smaller_ones(
    given: pytest.MonkeyPatch, value: str
) -> None:
    given.setenv("DOMICILE_X", value)
    with pytest.raises(
        ImproperlyConfigured, match="DOMICILE_X: want a whole number of at least 2, got"
    ):
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
    ("url", "expected"),
    [
        (
            "postgresql:///domicile",
            {"NAME": "domicile", "USER": "", "PASSWORD": "", "HOST": "", "PORT": ""},
        ),
        (
            "postgres://olga:p%40ss@db.example:6432/domicile",
            {
                "NAME": "domicile",
                "USER": "olga",
                "PASSWORD": "p@ss",
                "HOST": "db.example",
                "PORT": "6432",
            },
        ),
    ],
)
def test_a_postgresql_url_is_taken_apart(
    given: pytest.MonkeyPatch, url: str, expected: dict[str, str]
) -> None:
    given.setenv("DOMICILE_DATABASE", url)
    database = env.database(Path("/unused"))
    assert {name: database[name] for name in expected} == expected


def test_refuses_a_database_of_another_kind(given: pytest.MonkeyPatch) -> None:
    given.setenv("DOMICILE_DATABASE", "mysql://db.example/domicile")
    with pytest.raises(
        ImproperlyConfigured,
        match=r"DOMICILE_DATABASE: want sqlite:////absolute/path .* scheme 'mysql'",
    ):
        env.database(Path("/unused"))


@pytest.mark.parametrize(
    ("url", "received"),
    [
        ("sqlite://", "a URL without a path"),
        ("sqlite:///", "a URL without a path"),
        ("sqlite://data/domicile.sqlite3", "'data' before the path"),
        ("postgresql://olga:hunter2@db.example:6432", "a URL without the database's name"),
        ("postgresql://olga:hunter2@db.example:many/domicile", "a URL that cannot be taken apart"),
        ("postgresql://olga:hunter2@[::1/domicile", "a URL that cannot be taken apart"),
    ],
)
def test_refuses_a_database_url_that_lacks_something_and_keeps_its_password(
    given: pytest.MonkeyPatch, url: str, received: str
) -> None:
    given.setenv("DOMICILE_DATABASE", url)
    with pytest.raises(ImproperlyConfigured, match=f"got {received}") as refused:
        env.database(Path("/unused"))
    assert "hunter2" not in str(refused.value)


def test_options_of_a_postgresql_url_are_kept(given: pytest.MonkeyPatch) -> None:
    given.setenv(
        "DOMICILE_DATABASE",
        "postgresql://db.example/domicile?sslmode=verify-full&connect_timeout=3",
    )
    assert env.database(Path("/unused"))["OPTIONS"] == {
        "sslmode": "verify-full",
        "connect_timeout": "3",
    }


def test_a_choice_takes_its_words(given: pytest.MonkeyPatch) -> None:
    assert env.choice("X", "a", ("a", "b")) == "a"
    given.setenv("DOMICILE_X", "c")
    with pytest.raises(ImproperlyConfigured, match="DOMICILE_X: want one of a, b, got 'c'"):
        env.choice("X", "a", ("a", "b"))


@pytest.mark.parametrize("value", ["a b", "a+b", "x" * 256, "a\tb"])
def test_an_origin_is_a_name_that_a_key_can_have(given: pytest.MonkeyPatch, value: str) -> None:
    assert env.origin("X", "ledger.example/a") == "ledger.example/a"
    given.setenv("DOMICILE_X", value)
    with pytest.raises(ImproperlyConfigured, match="DOMICILE_X: want a name"):
        env.origin("X", "ledger.example/a")


@pytest.mark.parametrize("value", ["kafka://127.0.0.1", "127.0.0.1:6379", "redis:/127.0.0.1"])
def test_a_broker_is_of_a_known_scheme(given: pytest.MonkeyPatch, value: str) -> None:
    assert env.broker("X", "memory://localhost") == "memory://localhost"
    given.setenv("DOMICILE_X", value)
    with pytest.raises(ImproperlyConfigured, match="DOMICILE_X: want one of memory://…, redis://…"):
        env.broker("X", "memory://localhost")


def test_a_folder_that_cannot_be_made_is_named(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    given.setenv("DOMICILE_X", str(tmp_path / "file" / "var"))
    with pytest.raises(
        ImproperlyConfigured,
        match=f"DOMICILE_X: want a folder that can be made, got {tmp_path}/file/var",
    ):
        env.made("X", tmp_path)


def test_a_name_that_nobody_reads_is_unknown(given: pytest.MonkeyPatch) -> None:
    given.setenv("DOMICILE_ORGIN", "x")
    given.setenv("DOMICILE_X", "x")
    env.text("X", "")
    assert "DOMICILE_ORGIN" in env.unknown()
    assert "DOMICILE_X" not in env.unknown()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "redis://127.0.0.1:6379/0",
            {
                "visibility_timeout": 10,
                "unacked_restore_interval": 1,
                "unacked_restore_throttle": 1,
            },
        ),
        ("memory://localhost", {"polling_interval": 0.05}),
        ("amqp://127.0.0.1", {}),
    ],
)
def test_each_broker_is_asked_in_its_way(url: str, expected: dict[str, object]) -> None:
    assert env.broker_options(url) == expected

"""Settings from the environment: one small reader a type, each refusing a spelling it does not
know.

A misspelt value stops the start with the variable's name, what was expected and received; it is
never guessed at. Each reader notes the name it was asked for, so that a misspelt *name* can be told
from a known one (`checks.check_variables`).
"""

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from audit.tlog.checkpoint import check_origin
from audit.tlog.errors import TlogError
from audit.tlog.note import Signer

PREFIX = "DOMICILE_"
TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
BROKERS = ("memory", "redis", "rediss", "amqp", "amqps")
# What is read elsewhere: by tests and benches, or with one kind of database only.
_known = {"SHARED", "TEST_DATABASE"}


def unknown() -> list[str]:
    """The variables DOMICILE_… that are set and that nobody reads, sorted."""
    return sorted(
        name
        for name in os.environ
        if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in _known
    )


def known() -> list[str]:
    """The variables that are read, sorted."""
    return sorted(PREFIX + name for name in _known)


def text(name: str, default: str) -> str:
    """The variable DOMICILE_<name>, or `default` where it is not set or empty."""
    _known.add(name)
    return os.environ.get(PREFIX + name) or default


def choice(name: str, default: str, words: Sequence[str]) -> str:
    """One of `words`. Raises ImproperlyConfigured on any other."""
    value = text(name, default)
    if value not in words:
        raise ImproperlyConfigured(f"{PREFIX}{name}: want one of {', '.join(words)}, got {value!r}")
    return value


def flag(name: str, default: bool) -> bool:
    """A yes or no. Raises ImproperlyConfigured on any other word."""
    value = text(name, "").lower()
    if not value:
        return default
    if value in TRUE or value in FALSE:
        return value in TRUE
    raise ImproperlyConfigured(
        f"{PREFIX}{name}: want one of {', '.join(TRUE + FALSE)}, got {value!r}"
    )


def whole(name: str, default: int, least: int = 0) -> int:
    """A whole number of at least `least`. Raises ImproperlyConfigured otherwise."""
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or int(value) < least:
        raise ImproperlyConfigured(
            f"{PREFIX}{name}: want a whole number of at least {least}, got {value!r}"
        )
    return int(value)


def words(name: str, default: str) -> list[str]:
    """A comma-separated list; empty words are left out."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def folder(name: str, default: Path) -> Path:
    """A folder, made absolute."""
    return Path(text(name, str(default))).expanduser().resolve()


def made(name: str, default: Path) -> Path:
    """A folder, made absolute, and made where it is not there. Raises ImproperlyConfigured."""
    path = folder(name, default)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"{PREFIX}{name}: want a folder that can be made, got {path}: {error.strerror}"
        ) from error
    return path


def origin(name: str, default: str) -> str:
    """The log's name, which is its keys' name besides. Raises ImproperlyConfigured where it can be
    neither."""
    value = text(name, default)
    try:
        check_origin(value)
        Signer(value, bytes(32))
    except TlogError as error:
        expected = "a name without spaces and + signs, as in ledger.example.org/compute"
        raise ImproperlyConfigured(
            f"{PREFIX}{name}: want {expected}, got {value[:80]!r}"
        ) from error
    return value


def broker(name: str, default: str) -> str:
    """The URL of a broker. Raises ImproperlyConfigured on a scheme that is not known."""
    value = text(name, default)
    scheme = value.partition("://")[0]
    if "://" not in value or scheme not in BROKERS:
        expected = ", ".join(f"{scheme}://…" for scheme in BROKERS)
        raise ImproperlyConfigured(
            f"{PREFIX}{name}: want one of {expected}, got a URL of scheme {scheme[:20]!r}"
        )
    return value


def database(default: Path) -> dict[str, object]:
    """Django's database settings from DOMICILE_DATABASE: `sqlite:///path` or
    `postgresql://user:password@host:port/name`.

    A PostgreSQL URL without a host means the local socket; what follows a `?` are options of libpq,
    such as sslmode. Raises ImproperlyConfigured on anything else, without repeating the URL: it may
    hold a password.
    """
    try:
        url = urlsplit(text("DATABASE", f"sqlite:///{default}"))
        port = url.port
    except ValueError as error:
        raise _wrong_database(f"a URL that cannot be taken apart: {error}") from error
    if url.scheme == "sqlite":
        return _sqlite(url)
    if url.scheme in ("postgresql", "postgres"):
        return _postgresql(url, port)
    raise _wrong_database(f"a URL of scheme {url.scheme!r}")


def broker_options(url: str) -> dict[str, object]:
    """How the broker at `url` is asked for messages.

    Redis: a message that a killed worker held comes back after 10 s instead of an hour. memory:
    look every 50 ms instead of every second.
    """
    scheme = urlsplit(url).scheme
    if scheme in ("redis", "rediss"):
        return {
            "visibility_timeout": 10,
            "unacked_restore_interval": 1,
            "unacked_restore_throttle": 1,
        }
    return {"polling_interval": 0.05} if scheme == "memory" else {}


def _postgresql(url: SplitResult, port: int | None) -> dict[str, object]:
    if not url.path.strip("/"):
        raise _wrong_database("a URL without the database's name")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": unquote(url.hostname or ""),
        "PORT": str(port or ""),
        "OPTIONS": dict(parse_qsl(url.query)),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def _sqlite(url: SplitResult) -> dict[str, object]:
    if url.netloc or not url.path.strip("/"):
        received = f"{url.netloc!r} before the path" if url.netloc else "a URL without a path"
        raise _wrong_database(received)
    # A writer takes the write lock at BEGIN, so that two writers queue up instead of failing
    # halfway; synchronous FULL, so that what was acknowledged survives a power cut.
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": "/" + url.path.lstrip("/"),  # three slashes or four
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
            "PRAGMA cache_size=-65536;",
        },
        "TEST": {"NAME": text("TEST_DATABASE", "") or None},
    }


def _wrong_database(received: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(
        f"{PREFIX}DATABASE: want sqlite:////absolute/path or "
        f"postgresql://user:password@host:port/name, got {received}"
    )

"""Settings from the environment: one small reader a type, each refusing a spelling it does not know.

A misspelt value stops the start with the variable's name, what was wanted and what came; it is never guessed at.
"""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

PREFIX = "DOMICILE_"
TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def text(name: str, default: str) -> str:
    """The variable DOMICILE_<name>, or `default` where it is not set or empty."""
    return os.environ.get(PREFIX + name) or default


def flag(name: str, default: bool) -> bool:
    """A yes or no. Raises ImproperlyConfigured on any other word."""
    value = text(name, "").lower()
    if not value:
        return default
    if value in TRUE or value in FALSE:
        return value in TRUE
    raise ImproperlyConfigured(f"{PREFIX}{name}: wanted one of {', '.join(TRUE + FALSE)}, came {value!r}")


def whole(name: str, default: int, least: int = 0) -> int:
    """A whole number of at least `least`. Raises ImproperlyConfigured otherwise."""
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or int(value) < least:
        raise ImproperlyConfigured(f"{PREFIX}{name}: wanted a whole number of at least {least}, came {value!r}")
    return int(value)


def words(name: str, default: str) -> list[str]:
    """A comma-separated list; empty words are left out."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def folder(name: str, default: Path) -> Path:
    """A folder, made absolute."""
    return Path(text(name, str(default))).expanduser().resolve()


def database(default: Path) -> dict[str, object]:
    """Django's database settings from DOMICILE_DATABASE: `sqlite:///path` or `postgresql://user:password@host:port/name`.

    A PostgreSQL URL without a host means the local socket. Raises ImproperlyConfigured on another scheme.
    """
    url = urlsplit(text("DATABASE", f"sqlite:///{default}"))
    if url.scheme == "sqlite":
        return _sqlite(url.path)
    if url.scheme in ("postgresql", "postgres"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(url.path.lstrip("/")),
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            "HOST": url.hostname or "",
            "PORT": str(url.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    raise ImproperlyConfigured(f"{PREFIX}DATABASE: wanted sqlite:///path or postgresql://…, came a URL of scheme {url.scheme!r}")


def broker_options(url: str) -> dict[str, object]:
    """How the broker at `url` is asked for messages.

    Redis: a message that a killed worker held comes back after 10 s instead of an hour. memory: look every 50 ms instead of
    every second.
    """
    scheme = urlsplit(url).scheme
    if scheme in ("redis", "rediss"):
        return {"visibility_timeout": 10, "unacked_restore_interval": 1, "unacked_restore_throttle": 1}
    return {"polling_interval": 0.05} if scheme == "memory" else {}


def _sqlite(path: str) -> dict[str, object]:
    # A writer takes the write lock at BEGIN, so that two writers queue up instead of failing halfway;
    # synchronous FULL, so that what was acknowledged survives a power cut.
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;",
        },
        "TEST": {"NAME": text("TEST_DATABASE", "") or None},
    }

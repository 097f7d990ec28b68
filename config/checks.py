"""System checks of the deployment: what would fail or mislead later is said at the start, with an
id and what to do.

Run by every `manage.py` command. An E stops it; a W is printed; W002 is said only where it matters
(`command_line.py`) and by `check --deploy`. An installation counts as a real one once it signs
under its own origin: a trial may keep everything in one folder.
"""

import os
import stat
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.db import connection

from config import env

EXAMPLE = "example"  # the top-level domain that RFC 2606 keeps for examples
LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}


@register()
def check_database_folder(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """domicile.E001: SQLite must be able to write beside its file, where it keeps its log."""
    folder = _sqlite_folder()
    if folder is None or os.access(folder, os.W_OK | os.X_OK):
        return []
    return [
        Error(
            f"The folder of the SQLite file, {folder}, cannot be written to.",
            hint="Set DOMICILE_VAR or DOMICILE_DATABASE to a place that this user may write to.",
            id="domicile.E001",
        )
    ]


@register(deploy=True)
def check_origin(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """domicile.W002: the origin names the log for ever, so the example's name must not be sealed
    under by mistake."""
    if _is_real() or settings.DEBUG:
        return []
    return [
        Warning(
            f"The log signs under the example origin {settings.LOG_ORIGIN}.",
            hint="Set DOMICILE_ORIGIN to a name of your own before the first seal; "
            "it cannot be changed afterwards.",
            id="domicile.W002",
        )
    ]


@register()
def check_second_store(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """domicile.E003: one restore must not bring back both database and second store, or the fork
    goes unseen."""
    folder = _sqlite_folder()
    if folder is None or not _is_real() or not settings.SECOND_STORE_DIR.is_relative_to(folder):
        return []
    return [
        Error(
            f"The second store, {settings.SECOND_STORE_DIR}, lies in the database's folder: "
            "restoring one restores the other.",
            hint="Set DOMICILE_SECOND_STORE to another disk or machine, "
            "one that is not backed up together with the database.",
            id="domicile.E003",
        )
    ]


@register()
def check_keys_folder(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """domicile.E004: whoever can read the signing keys can sign as this log."""
    if not settings.KEYS_DIR.is_dir() or not settings.KEYS_DIR.stat().st_mode & (
        stat.S_IRWXG | stat.S_IRWXO
    ):
        return []
    return [
        Error(
            f"The folder of the signing keys, {settings.KEYS_DIR}, is open to other users.",
            hint=f"chmod 700 {settings.KEYS_DIR}",
            id="domicile.E004",
        )
    ]


@register()
def check_https(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """domicile.W005: a session cookie sent in the clear is anybody's."""
    reachable = sorted(set(settings.ALLOWED_HOSTS) - LOOPBACK)
    if not reachable or settings.SESSION_COOKIE_SECURE:
        return []
    return [
        Warning(
            f"Served as {', '.join(reachable)} without HTTPS: sessions can be stolen on the way.",
            hint="Put a TLS proxy in front and set DOMICILE_HTTPS=1.",
            id="domicile.W005",
        )
    ]


@register()
def check_variables(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """domicile.W007: a misspelt name is not read, and the default that holds instead may be the
    wrong database."""
    return [
        Warning(
            f"{name} is set, and nothing reads it.",
            hint=f"Did you mean {nearest[0]}?"
            if (nearest := get_close_matches(name, env.known(), n=1))
            else "Unset it.",
            id="domicile.W007",
        )
        for name in env.unknown()
    ]


@register()
def check_debug(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """domicile.E006: debug pages show settings and source to whoever makes a page fail."""
    if not settings.DEBUG or set(settings.ALLOWED_HOSTS) <= LOOPBACK:
        return []
    return [
        Error(
            "Debug pages are on, and other machines may reach this one.",
            hint="Unset DOMICILE_DEBUG, or leave DOMICILE_HOSTS at this machine.",
            id="domicile.E006",
        )
    ]


def _is_real() -> bool:
    return str(settings.LOG_ORIGIN).split("/")[0].rpartition(".")[2] != EXAMPLE


def _sqlite_folder() -> Path | None:
    """The folder of the SQLite file; None on another engine and for a database in memory."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or name.startswith((":memory:", "file:")):
        return None
    return Path(name).parent

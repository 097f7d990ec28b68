"""The append-only triggers, as their migrations write them: lifted only by Django's flush and by
tests that play an attacker."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

MIGRATIONS = ("audit.migrations.0002_guard_entries", "sovereignty.migrations.0002_guard_policies")


@contextmanager
def lifted() -> Iterator[None]:
    """Be without the guards for the block, as whoever administers the database can be."""
    _execute("_BACK")
    try:
        yield
    finally:
        _execute("")


def _execute(suffix: str) -> None:
    engine = "POSTGRESQL" if connection.vendor == "postgresql" else "SQLITE"
    with connection.cursor() as cursor:
        for name in MIGRATIONS:
            for statement in getattr(importlib.import_module(name), engine + suffix):
                cursor.execute(statement)

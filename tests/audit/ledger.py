"""A small real ledger, built on the database by the steps themselves, and what an attacker or a
restore does to it."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, models, transaction

from audit.append import Appended, NewEntry, append, lock_trails
from audit.clock import now_ms
from audit.models import Entry, Receipt, Seal, SealedHead, Trail, TrailHead
from audit.tlog import canonical
from audit.tlog.heads import Head
from audit.tlog.merkle import Hash
from audit.trails import open_trail
from tests import guards

LEDGER_TABLES: tuple[type[models.Model], ...] = (Trail, Entry, Receipt, Seal, TrailHead, SealedHead)


def tenant_trail(key: str = "hospital") -> Trail:
    """Open the trail of one tenant."""
    with transaction.atomic():
        return open_trail(owner=f"tenant:{key}", name=key)


def write(
    number: int, texts: Sequence[str] = ("a touch",), received_at: int | None = None
) -> Appended:
    """Append one entry a text to trail `number`, in a transaction of their own."""
    with transaction.atomic():
        (trail,) = lock_trails([number]).values()
        return append(
            trail,
            [new_entry(text) for text in texts],
            now_ms() if received_at is None else received_at,
        )


def new_entry(text: str) -> NewEntry:
    return NewEntry(
        "note.made/v1", "note", "olga", None, 1_700_000_000_000, canonical.encode({"text": text})
    )


def stored_heads() -> list[Head]:
    """The heads of all trails as their rows say, by number."""
    return [
        Head(trail.number, Hash(bytes(trail.trail_id)), trail.size, Hash(bytes(trail.root)))
        for trail in Trail.objects.order_by("number")
    ]


def change_row(table: str, change: str, where: str, *params: Any) -> None:
    """Change one row as an administrator with database access can: past the append-only guards."""
    with guards.lifted(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {change} WHERE {where}", params)
        assert cursor.rowcount == 1


def delete_row(table: str, where: str, *params: Any) -> None:
    """Delete one row past the append-only guards."""
    with guards.lifted(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE {where}", params)
        assert cursor.rowcount == 1


class Backup:
    """The ledger's tables as they are now, and the way back to them that an administrator would
    take."""

    def __init__(self) -> None:
        self._rows = {model: list(model._default_manager.all()) for model in LEDGER_TABLES}

    def restore(self) -> None:
        """Put all rows back as they were, and only these."""
        with guards.lifted(), transaction.atomic():
            for model in LEDGER_TABLES:
                with connection.cursor() as cursor:
                    cursor.execute(f"DELETE FROM {model._meta.db_table}")
                model._default_manager.bulk_create(self._rows[model])


@contextmanager
def dying_disk(after: int) -> Iterator[None]:
    """Let the process do `after` more fsyncs of its own files, and none after them: where the
    second store is written, it dies."""
    left = [after]
    fsync = os.fsync

    def sync(file: int) -> None:
        if not left[0]:
            raise OSError(5, "Input/output error")
        left[0] -= 1
        fsync(file)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", sync)
        yield

"""Entries are append-only by the database's own word, on both engines."""

import pytest
from django.db import DatabaseError, connection, transaction

from audit.models import Entry
from tests import guards
from tests.audit.ledger import change_row, write

OPENED = 4  # two geneses and two keys


def _refused(statement: str, message: str) -> None:
    with (
        pytest.raises(DatabaseError, match=message),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_refuses_to_update_an_entry(ledger: None) -> None:
    _refused("UPDATE audit_entry SET kind = 'other/v1'", "append-only: UPDATE refused")
    assert set(Entry.objects.values_list("kind", flat=True)) == {"trail.opened/v1", "key.opened/v1"}


def test_refuses_to_delete_an_entry(ledger: None) -> None:
    _refused("DELETE FROM audit_entry WHERE trail_number = 1", "append-only: DELETE refused")
    assert Entry.objects.count() == OPENED


def test_refuses_to_truncate_the_entries(ledger: None) -> None:
    if connection.vendor != "postgresql":
        # SQLite has no TRUNCATE; its DELETE of all rows passes the same trigger, row by row.
        _refused("DELETE FROM audit_entry", "append-only: DELETE refused")
    else:
        _refused("TRUNCATE audit_entry", "append-only: TRUNCATE refused")
    assert Entry.objects.count() == OPENED


def test_refuses_again_after_the_guards_were_lifted(ledger: None) -> None:
    write(0)
    change_row("audit_entry", "kind = 'other/v1'", 'trail_number = 0 AND "index" = 1')
    with guards.lifted():
        pass
    _refused("UPDATE audit_entry SET kind = 'another/v1'", "append-only: UPDATE refused")

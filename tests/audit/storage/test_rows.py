"""Many rows at once: every number of them arrives, in order, and a row that may not be there is
Django's own error."""

import sqlite3

import pytest
from django.db import IntegrityError, connection, transaction

from audit.models import Entry, Receipt
from audit.storage import raw, rows

COLUMNS = ("trail_number", "index", "kind", "received_at", "leaf_hash", "content")
EDGES = [0, 1, 15, 16, 17, 33, 127, 128, 129, 300, 513]  # around the sizes of the statements


def made(count: int) -> list[tuple[object, ...]]:
    return [
        (7, index, "note.made/v1", 5 + index, bytes(32), f"{index}".encode())
        for index in range(count)
    ]


def found() -> list[tuple[int, int, bytes]]:
    return [
        (index, at, bytes(text))
        for index, at, text in raw.read('SELECT "index", received_at, content FROM audit_entry')
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("count", EDGES)
def test_rows_of_any_number_are_all_written(count: int) -> None:
    rows.insert(Entry, COLUMNS, iter(made(count)))
    assert sorted(found()) == [(index, 5 + index, f"{index}".encode()) for index in range(count)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("count", [3, 100, 1_100])
def test_a_row_twice_is_an_integrity_error_and_leaves_nothing(count: int) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.insert(Entry, COLUMNS, [*made(count), made(count)[count // 2]])
    assert found() == []


@pytest.mark.django_db
@pytest.mark.parametrize("gaps", [(), (20,), tuple(range(40)), tuple(range(0, 40, 3))])
def test_null_stays_null_and_bytes_stay_bytes_wherever_they_are(gaps: tuple[int, ...]) -> None:
    """On SQLite a column of nothing but NULL in one statement has no values bound."""
    columns = ("trail_number", "first", "size", "batch_root", "root", "received_at", "note")
    made = [
        (7, n, n + 1, bytes([n]) * 32, bytes(32), 5, None if n in gaps else b"note %d" % n)
        for n in range(40)
    ]
    rows.insert(Receipt, columns, made)
    found = raw.read(f"SELECT {', '.join(columns)} FROM audit_receipt ORDER BY first")
    assert [
        tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)
        for row in found
    ] == made


@pytest.mark.django_db
def test_nothing_is_written_in_a_transaction_that_is_lost() -> None:
    with pytest.raises(transaction.TransactionManagementError), transaction.atomic():
        connection.set_rollback(True)
        rows.insert(Entry, COLUMNS, made(20))


@pytest.mark.django_db
def test_rows_are_found_by_many_keys_at_once() -> None:
    rows.insert(Entry, COLUMNS, made(50))
    keys = [(7, index) for index in (3, 49, 50)] + [(8, 3)]
    got = rows.matching(Entry, ("index", "received_at"), ("trail_number", "index"), keys)
    assert sorted(got) == [(3, 8), (49, 54)]
    assert rows.matching(Entry, ("index",), ("trail_number", "index"), []) == []


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 2, 3, 511, 512, 513, 1_100])
def test_every_key_of_any_number_is_looked_up(count: int) -> None:
    rows.insert(Entry, COLUMNS, made(1_200))
    got = rows.matching(
        Entry, ("index",), ("trail_number", "index"), [(7, index) for index in range(count)]
    )
    assert sorted(got) == [(index,) for index in range(count)]


@pytest.mark.django_db
def test_statements_are_as_long_as_the_database_binds_values() -> None:
    if connection.vendor == "postgresql":
        pytest.skip("only SQLite bounds the values of one statement")
    driver = connection.connection
    usual = driver.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 100)
    try:
        rows.insert(Entry, COLUMNS, made(300))
        got = rows.matching(
            Entry, ("index",), ("trail_number", "index"), [(7, index) for index in range(300)]
        )
    finally:
        driver.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, usual)
    assert len(got) == len(found()) == 300

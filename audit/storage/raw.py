"""What is stored, read as raw rows: for the steps that go over all of it (seal, export, fsck).

Model objects cost ten times as much, and PostgreSQL's text form of bytes twice as much again.
Entries never change once committed, so reading them range by range needs no snapshot: the ranges
say what is read.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import psycopg
from django.db import connection, transaction

Range: TypeAlias = tuple[int, int, int]  # trail number, begin, end
# trail number, index, kind, received_at, leaf hash, content
StoredEntry: TypeAlias = tuple[int, int, str, int, bytes, bytes]

# How many entries one statement reads: some megabytes at a time.
ENTRIES_AT_ONCE = 10_000


@contextmanager
def one_snapshot(*, durable: bool = False) -> Iterator[None]:
    """A transaction in which everything is read as of one moment. (PostgreSQL must be told so
    before the first statement; inside an open transaction its snapshots stay as they are.)
    `durable` as Django's `atomic` takes it."""
    outermost = not connection.in_atomic_block
    with transaction.atomic(durable=durable):
        if connection.vendor == "postgresql" and outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def read(statement: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Return all rows of a SELECT whose parameters are marked `%s`."""
    rows: list[tuple[Any, ...]]
    if connection.vendor == "postgresql":
        connection.ensure_connection()
        # Not Django's cursor, which writes parameters into the statement and can only ask for text.
        with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
            cursor.execute(statement, params, binary=True)
            rows = cursor.fetchall()
    else:
        with connection.cursor() as cursor:
            cursor.execute(statement, params)
            rows = cursor.fetchall()
    return rows


def entries(ranges: Iterable[Range]) -> Iterator[StoredEntry]:
    """Yield the entries of each range in turn, those of one range by index. A range may turn out to
    have holes."""
    for batch in _batches(ranges):
        yield from _read_entries(batch)


def _batches(ranges: Iterable[Range]) -> Iterator[list[Range]]:
    """Cut long ranges and collect short ones, so that each batch holds at most ENTRIES_AT_ONCE
    entries."""
    batch: list[Range] = []
    room = ENTRIES_AT_ONCE
    for number, begin, end in ranges:
        while begin < end:
            stop = min(end, begin + room)
            batch.append((number, begin, stop))
            room -= stop - begin
            begin = stop
            if not room:
                yield batch
                batch, room = [], ENTRIES_AT_ONCE
    if batch:
        yield batch


def _read_entries(batch: list[Range]) -> Iterable[Any]:
    if connection.vendor == "postgresql":
        numbers, begins, ends = (list(column) for column in zip(*batch, strict=True))
        return read(
            "SELECT e.trail_number, e.index, e.kind, e.received_at, e.leaf_hash, e.content "
            "FROM unnest(%s::int[], %s::bigint[], %s::bigint[]) "
            "WITH ORDINALITY AS part (number, low, high, place) "
            "JOIN audit_entry e ON e.trail_number = part.number "
            "AND e.index >= part.low AND e.index < part.high "
            "ORDER BY part.place, e.index",
            [numbers, begins, ends],
        )
    return (row for part in batch for row in read(_SQLITE_ENTRIES, part))


_SQLITE_ENTRIES = (
    'SELECT trail_number, "index", kind, received_at, leaf_hash, content FROM audit_entry '
    'WHERE trail_number = %s AND "index" >= %s AND "index" < %s ORDER BY "index"'
)

"""SQLite's side of `audit.storage.rows`: few statements of many rows, and values in the forms in
which they are bound quickest.

A statement a row, as executemany has it, takes half as long again. The numbers of rows are powers
of two, so that the few texts of a table stay prepared. Bytes and None are looked up for adapters by
the driver, bytearrays are not, and a NULL in the text is no value.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from django.db import connection, models

# of one INSERT, which keeps its last values; what is left over goes row by row
MOST_ROWS, FEWEST_ROWS = 128, 16
MOST_KEYS = 512  # of one look-up


def insert(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Insert rows of values in the order of `columns`; `connection` is open.

    OR FAIL: a statement that meets a row which may not be leaves those before it, as executemany
    does, and the caller's transaction is rolled back; to undo that one statement SQLite would first
    copy each page that it touches."""
    # Not Django's cursor, which goes through the whole text for its marks each time.
    raw = connection.connection
    table, names, bytes_at, null_at = _columns(model, tuple(columns))
    width = len(columns)
    start, most = 0, _most(MOST_ROWS, width)
    with connection.wrap_database_errors:
        while (rest := len(rows) - start) >= FEWEST_ROWS:
            count = min(most, 1 << (rest.bit_length() - 1))
            values = list(chain.from_iterable(rows[start : start + count]))
            for position in bytes_at:
                values[position::width] = [
                    None if value is None else bytearray(value) for value in values[position::width]
                ]
            nulls = tuple(
                position for position in null_at if values[position::width].count(None) == count
            )
            for gone, position in enumerate(nulls):
                del values[position - gone :: width - gone]
            raw.execute(_insert(table, names, width, count, nulls), values)
            start += count
        raw.executemany(_insert(table, names, width, 1, ()), rows[start:])


def _most(rows: int, width: int) -> int:
    """At most so many rows, a power of two, as far as SQLite binds their values in one statement;
    `connection` is open."""
    limit: int = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
    return 1 << (min(rows, limit // width).bit_length() - 1)


def tables(width: int, rows: Sequence[Sequence[Any]]) -> Iterator[tuple[str, list[str], list[Any]]]:
    """Yield what stands for some of the rows in a FROM clause, as `audit.storage.rows.as_table`,
    until all were there.

    Opens `connection`. A look-up by bound values takes two thirds of the time of one by JSON. What
    is lacking to a power of two are rows of NULL, which agree with none."""
    connection.ensure_connection()
    most = _most(MOST_KEYS, width)
    for start in range(0, len(rows), most):
        some = rows[start : start + most]
        count = 1 << (len(some) - 1).bit_length()
        values = list(chain.from_iterable(some))
        values += [None] * (width * count - len(values))
        yield (
            f"(VALUES {_marks(width, count)}) AS k",
            [f"k.column{position}" for position in range(1, width + 1)],
            values,
        )


def read(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return all rows of a SELECT whose parameters are marked `?`; `connection` is open."""
    with connection.wrap_database_errors:
        rows: list[tuple[Any, ...]] = connection.connection.execute(statement, values).fetchall()
    return rows


@lru_cache(maxsize=256)
def _columns(
    model: type[models.Model], columns: tuple[str, ...]
) -> tuple[str, str, tuple[int, ...], tuple[int, ...]]:
    """The table's name, those of its columns, and the places among them of bytes and of what may be
    NULL."""
    quote = connection.ops.quote_name
    by_column = {field.column: field for field in model._meta.concrete_fields}
    fields = [by_column[column] for column in columns]
    bytes_at = tuple(
        position for position, field in enumerate(fields) if isinstance(field, models.BinaryField)
    )
    null_at = tuple(position for position, field in enumerate(fields) if field.null)
    return quote(model._meta.db_table), ", ".join(map(quote, columns)), bytes_at, null_at


@lru_cache(maxsize=256)
def _insert(table: str, names: str, width: int, count: int, nulls: tuple[int, ...]) -> str:
    return f"INSERT OR FAIL INTO {table} ({names}) VALUES {_marks(width, count, nulls)}"  # noqa: S608 - names from our models


@lru_cache(maxsize=256)
def _marks(width: int, count: int, nulls: tuple[int, ...] = ()) -> str:
    """The places of so many rows' values in a statement, NULL in the `nulls` of each row."""
    row = ", ".join("NULL" if position in nulls else "?" for position in range(width))
    return ", ".join([f"({row})"] * count)

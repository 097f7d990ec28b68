"""Columns out of the database, as numpy arrays of integers or as lists of text.

A million rows as Python objects cost more than all rules together. PostgreSQL is asked for each
column as one value, its integers side by side in eight bytes each, so that what arrives *is* the
array; SQLite's rows are read in one pass.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from audit.storage import raw

SEPARATOR = "\x1f"  # no key of ours holds a control character


def integers(sql: str, params: Sequence[Any], count: int) -> list[NDArray[np.int64]]:
    """Return the `count` columns of a SELECT whose columns are all integers and never null."""
    if connection.vendor == "postgresql":
        columns = ", ".join(
            f"string_agg(int8send(c{number}::bigint), ''::bytea)" for number in range(count)
        )
        return [
            np.frombuffer(column or b"", dtype=">i8").astype(np.int64)
            for column in _aggregate(columns, sql, params, count)
        ]
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        table = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, count)
    return [np.ascontiguousarray(table[:, number]) for number in range(count)]


def texts(sql: str, params: Sequence[Any]) -> list[str]:
    """Return the one column of a SELECT of keys, which hold no control characters and are never
    null."""
    if connection.vendor == "postgresql":
        (joined,) = _aggregate("string_agg(c0, E'\\x1f')", sql, params, 1)
        return joined.split(SEPARATOR) if joined is not None else []
    return [text for (text,) in raw.read(sql, params)]


def _aggregate(columns: str, sql: str, params: Sequence[Any], count: int) -> tuple[Any, ...]:
    """One row of aggregates over a SELECT; an aggregate takes the rows in the order in which an
    ordered SELECT gives them."""
    names = ", ".join(f"c{number}" for number in range(count))
    (row,) = raw.read(f"SELECT {columns} FROM ({sql}) AS found({names})", params)  # noqa: S608 - our own SQL
    return row

"""Columns of integers out of the database, as numpy arrays.

A million rows as Python objects cost more than all rules together. PostgreSQL sends them as a binary COPY, whose rows of
eight-byte integers that are never null have one width, so the stream *is* an array; SQLite's rows are read in one pass.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

_SIGNATURE_BYTES = 11
_FIELD_BYTES = 4 + 8  # a length, then the integer


def integers(sql: str, params: Sequence[Any], count: int) -> list[NDArray[np.int64]]:
    """Return the `count` columns of a SELECT whose columns are all integers and never null."""
    if connection.vendor == "postgresql":
        return _from_copy(sql, params, count)
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        found = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, count)
    return [np.ascontiguousarray(found[:, place]) for place in range(count)]


def _from_copy(sql: str, params: Sequence[Any], count: int) -> list[NDArray[np.int64]]:
    names = ", ".join(f"c{place}" for place in range(count))
    casts = ", ".join(f"c{place}::bigint" for place in range(count))
    statement = f"COPY (SELECT {casts} FROM ({sql}) AS found({names})) TO STDOUT (FORMAT BINARY)"  # noqa: S608 - our own SQL
    with connection.cursor() as cursor, cursor.copy(statement, list(params)) as copy:
        data = b"".join(copy)
    return _decode(data, count)


def _decode(data: bytes, count: int) -> list[NDArray[np.int64]]:
    """Rows of PostgreSQL's binary COPY: a 16-bit field count, then per field a 32-bit length and the value, all big-endian."""
    start = _SIGNATURE_BYTES + 4
    start += 4 + int.from_bytes(data[start : start + 4], "big")
    row = np.dtype(
        [("fields", ">i2"), *((f"{part}{place}", kind) for place in range(count) for part, kind in (("n", ">i4"), ("c", ">i8")))]
    )
    size = len(data) - start - 2  # the trailer is a field count of -1
    if size % row.itemsize:
        raise RuntimeError(f"binary COPY gave {size} bytes, want a multiple of {row.itemsize}: a column is null or no integer")
    found = np.frombuffer(data, dtype=row, count=size // row.itemsize, offset=start)
    return [found[f"c{place}"].astype(np.int64) for place in range(count)]

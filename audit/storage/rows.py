"""Many rows at once: COPY on PostgreSQL, long INSERTs of many rows on SQLite (`rows_sqlite`).

Django's bulk_create makes a model object and a query parameter of every value and is ten times
slower; the step functions that write thousands of rows a batch use this instead, inside their own
transaction.
"""

import json
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

import msgspec
from django.db import connection, models
from psycopg.types.json import Jsonb

from audit.storage import raw, rows_sqlite

LARGEST = 2**63 - 1  # that an integer column holds, on both engines
MOST_DIGITS = len(str(LARGEST))


def insert(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    contended: Sequence[str] = (),
) -> None:
    """Insert `rows`, each a sequence of values in the order of `columns` (database column names),
    into the model's table.

    `contended` are the columns of a unique index in which another transaction may be writing the
    same rows: these are written in its order, so that the two wait for each other and cannot
    deadlock. SQLite has one writer."""
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    rows = _with_json(model, columns, rows)
    if connection.vendor == "postgresql":
        for column in reversed(contended):  # a sort for each: one by all takes twice as long
            rows = sorted(rows, key=itemgetter(columns.index(column)))
        _copy(model, columns, rows)
    else:
        rows_sqlite.insert(model, columns, list(rows))


def matching(
    model: Any,
    selected: Sequence[str],
    columns: Sequence[str],
    keys: Sequence[Sequence[Any]],
    also: str = "",
) -> list[tuple[Any, ...]]:
    """Return the columns `selected` of the rows of `model` that agree in `columns` with one of many
    keys.

    `matching(Fact, ["digest"], ["source", "fact_id"], [("a", "1"), ("a", "2")])` looks up two rows
    by an index over both columns. `also` is a further condition in SQL, for the sake of a partial
    index. All names are database columns from our own code.
    """
    if not keys:
        return []
    if connection.vendor == "postgresql":
        source, values, params = as_table(_types(model, columns), keys)
        return raw.read(_matching(model, selected, columns, source, values, also), params)
    rows: list[tuple[Any, ...]] = []
    for source, values, params in rows_sqlite.tables(len(columns), keys):
        rows += rows_sqlite.read(_matching(model, selected, columns, source, values, also), params)
    return rows


def _matching(
    model: Any,
    selected: Sequence[str],
    columns: Sequence[str],
    source: str,
    values: Sequence[str],
    also: str,
) -> str:
    quote = connection.ops.quote_name
    on = [f"t.{quote(column)} = {value}" for column, value in zip(columns, values, strict=True)] + (
        [also] if also else []
    )
    names = ", ".join(f"t.{quote(column)}" for column in selected)
    # CROSS JOIN holds SQLite to this order: key by key through the index, never all rows against
    # the keys.
    table = quote(model._meta.db_table)
    return f"SELECT {names} FROM {source} CROSS JOIN {table} t WHERE {' AND '.join(on)}"  # noqa: S608 - our names


def as_table(
    types: Sequence[str], rows: Sequence[Sequence[Any]]
) -> tuple[str, list[str], list[Any]]:
    """Return what stands for rows of values in a FROM clause, how each column is named there, and
    the parameters.

    `types` are PostgreSQL's names; SQLite's columns keep the types of JSON."""
    # JSON on both engines: it is written ten times as fast as the driver writes arrays.
    text = msgspec.json.encode(rows).decode()
    if connection.vendor == "postgresql":
        return (
            "json_array_elements(%s::json) AS k (row)",
            [f"(k.row->>{n})::{kind}" for n, kind in enumerate(types)],
            [text],
        )
    return (
        "json_each(%s) AS k",
        [f"json_extract(k.value, '$[{n}]')" for n in range(len(types))],
        [text],
    )


def update_each(
    model: Any,
    columns: Sequence[str],
    keys: Sequence[str],
    rows: Sequence[Sequence[Any]],
    also: str = "",
) -> int:
    """Set `columns` in the rows that agree with `keys`; each of `rows` holds the values of both, in
    this order. Returns how many rows were changed."""
    if not rows:
        return 0
    quote = connection.ops.quote_name
    values = ", ".join(f"{quote(column)} = %s" for column in columns)
    on = " AND ".join([f"{quote(column)} = %s" for column in keys] + ([also] if also else []))
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {quote(model._meta.db_table)} SET {values} WHERE {on}", rows)  # noqa: S608 - our own names
        return int(cursor.rowcount)


def _with_json(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> Iterable[Sequence[Any]]:
    """Adapt the values of JSON columns as the driver wants them; rows without such columns pass
    untouched."""
    by_column = {field.column: field for field in model._meta.concrete_fields}
    json_at = {
        position
        for position, column in enumerate(columns)
        if isinstance(by_column[column], models.JSONField)
    }
    if not json_at:
        return rows
    return (
        [_json(value) if position in json_at else value for position, value in enumerate(row)]
        for row in rows
    )


def _json(value: Any) -> Any:
    if value is None:
        return None
    return Jsonb(value) if connection.vendor == "postgresql" else json.dumps(value)


def _types(model: type[models.Model], columns: Sequence[str]) -> list[str]:
    by_column = {field.column: field for field in model._meta.concrete_fields}
    return [_type(by_column[column]) for column in columns]


def _type(field: Any) -> str:
    kind = field.rel_db_type(connection) if field.is_relation else field.db_type(connection)
    return str(kind).split("(")[0].removesuffix(" NOT NULL")


def _copy(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    quote = connection.ops.quote_name
    table, names = quote(model._meta.db_table), ", ".join(map(quote, columns))
    statement = f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)"
    # Django's cursor hands `copy` through untouched: without the wrapper a unique violation would
    # not be an IntegrityError.
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statement) as copy,
    ):
        copy.set_types(_types(model, columns))
        for row in rows:
            copy.write_row(row)

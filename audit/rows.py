"""Many rows at once: COPY on PostgreSQL, executemany on SQLite.

Django's bulk_create makes a model object and a query parameter of every value and is ten times slower; the step functions that
write thousands of rows a batch use this instead, inside their own transaction.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models
from psycopg.types.json import Jsonb


def insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert `rows`, each a sequence of values in the order of `columns` (database column names), into the model's table."""
    rows = _with_json(model, columns, rows)
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    if connection.vendor == "postgresql":
        _copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)", _types(model, columns), rows)
        return
    marks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(rows))  # noqa: S608 - names from our models


def among(query: Any, column: str, values: Sequence[Any]) -> Any:
    """Filter a queryset or manager by membership of `column` (a database column) in a list of any length.

    An array parameter on PostgreSQL and a JSON list on SQLite, which bounds the number of parameters.
    """
    if not values:
        return query.none()
    name = f"{connection.ops.quote_name(query.model._meta.db_table)}.{connection.ops.quote_name(column)}"
    if connection.vendor == "postgresql":
        return query.extra(where=[f"{name} = ANY(%s)"], params=[list(values)])  # noqa: S610 - names from our models
    inside = f"{name} IN (SELECT value FROM json_each(%s))"  # noqa: S608 - names from our models
    return query.extra(where=[inside], params=[json.dumps(list(values))])  # noqa: S610


def _with_json(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterable[Sequence[Any]]:
    """Adapt the values of JSON columns as the driver wants them; rows without such columns pass untouched."""
    by_column = {field.column: field for field in model._meta.concrete_fields}
    places = {place for place, column in enumerate(columns) if isinstance(by_column[column], models.JSONField)}
    if not places:
        return rows
    return ([_json(value) if place in places else value for place, value in enumerate(row)] for row in rows)


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


def _copy(statement: str, types: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)

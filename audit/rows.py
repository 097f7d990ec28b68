"""Many rows at once: COPY on PostgreSQL, executemany on SQLite.

Django's bulk_create makes a model object and a query parameter of every value and is ten times slower; the step functions that
write thousands of rows a batch use this instead, inside their own transaction.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


def insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert `rows`, each a sequence of values in the order of `columns` (database column names), into the model's table."""
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    if connection.vendor == "postgresql":
        _copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)", _types(model, columns), rows)
        return
    marks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608 - names from our models


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

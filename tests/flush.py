"""Django's flush between tests: past the append-only guards, and without emptying tables that are
empty.

PostgreSQL's TRUNCATE makes new files for every table and index, two hundred of them; a test fills a
dozen tables.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db.backends.base.operations import BaseDatabaseOperations

from tests import guards


@pytest.fixture(scope="session", autouse=True)
def _flush_lifts_the_guards() -> Iterator[None]:
    """Lift the append-only triggers for the flush, and restore them before the next test begins."""
    flush = BaseDatabaseOperations.execute_sql_flush

    def flush_lifted(operations: Any, statements: list[str]) -> None:
        with guards.lifted():
            flush(
                operations,
                _deletes(operations.connection)
                if operations.connection.vendor == "postgresql"
                else statements,
            )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush_lifted)
        yield


def _deletes(connection: Any) -> list[str]:
    """Return one DELETE for each table that holds rows. Django's foreign keys are checked at the
    commit, so any order will do."""
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables = {name: connection.ops.quote_name(name) for name in names}
    asked = " UNION ALL ".join(
        f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {table})" for name, table in tables.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return [f"DELETE FROM {tables[name]}" for (name,) in cursor.fetchall()]

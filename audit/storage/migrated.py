"""Whether the database has the tables that this version needs."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def lacking() -> str:
    """Return what the database lacks and what to do, as one sentence; empty where it lacks nothing.
    Raises DatabaseError."""
    executor = MigrationExecutor(connection)
    missing = [
        str(migration)
        for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())
    ]
    if not missing:
        return ""
    return (
        f"the database lacks {len(missing)} migrations, the first {missing[0]}: "
        "run `python manage.py migrate` first"
    )

"""Entries are append-only: both engines refuse UPDATE and DELETE of them, PostgreSQL also TRUNCATE (SQLite has none)."""

from django.db import migrations

POSTGRESQL = [
    """
    CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'entries are append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
    END $$
    """,
    "CREATE TRIGGER audit_entry_guard_rows BEFORE UPDATE OR DELETE ON audit_entry "
    "FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()",
    "CREATE TRIGGER audit_entry_guard_truncate BEFORE TRUNCATE ON audit_entry "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()",
]
POSTGRESQL_BACK = [
    "DROP TRIGGER audit_entry_guard_truncate ON audit_entry",
    "DROP TRIGGER audit_entry_guard_rows ON audit_entry",
    "DROP FUNCTION audit_entry_refuse()",
]
SQLITE = [
    "CREATE TRIGGER audit_entry_guard_update BEFORE UPDATE ON audit_entry "
    "BEGIN SELECT RAISE(ABORT, 'entries are append-only: UPDATE refused'); END",
    "CREATE TRIGGER audit_entry_guard_delete BEFORE DELETE ON audit_entry "
    "BEGIN SELECT RAISE(ABORT, 'entries are append-only: DELETE refused'); END",
]
SQLITE_BACK = ["DROP TRIGGER audit_entry_guard_update", "DROP TRIGGER audit_entry_guard_delete"]


def _run(editor, postgresql, sqlite):
    for statement in postgresql if editor.connection.vendor == "postgresql" else sqlite:
        editor.execute(statement, params=None)


def guard(apps, editor):
    _run(editor, POSTGRESQL, SQLITE)


def lift(apps, editor):
    _run(editor, POSTGRESQL_BACK, SQLITE_BACK)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(guard, lift)]

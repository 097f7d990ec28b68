"""A published policy is immutable: both engines refuse UPDATE and DELETE of it."""

from django.db import migrations

POSTGRESQL = [
    """
    CREATE FUNCTION sovereignty_policy_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'a published policy is immutable: % refused', TG_OP USING ERRCODE = 'restrict_violation';
    END $$
    """,
    "CREATE TRIGGER sovereignty_policy_guard BEFORE UPDATE OR DELETE ON sovereignty_policy "
    "FOR EACH ROW EXECUTE FUNCTION sovereignty_policy_refuse()",
]
POSTGRESQL_BACK = [
    "DROP TRIGGER sovereignty_policy_guard ON sovereignty_policy",
    "DROP FUNCTION sovereignty_policy_refuse()",
]
SQLITE = [
    "CREATE TRIGGER sovereignty_policy_guard_update BEFORE UPDATE ON sovereignty_policy "
    "BEGIN SELECT RAISE(ABORT, 'a published policy is immutable: UPDATE refused'); END",
    "CREATE TRIGGER sovereignty_policy_guard_delete BEFORE DELETE ON sovereignty_policy "
    "BEGIN SELECT RAISE(ABORT, 'a published policy is immutable: DELETE refused'); END",
]
SQLITE_BACK = ["DROP TRIGGER sovereignty_policy_guard_update", "DROP TRIGGER sovereignty_policy_guard_delete"]


def _run(editor, postgresql, sqlite):
    for statement in postgresql if editor.connection.vendor == "postgresql" else sqlite:
        editor.execute(statement, params=None)


def guard(apps, editor):
    _run(editor, POSTGRESQL, SQLITE)


def lift(apps, editor):
    _run(editor, POSTGRESQL_BACK, SQLITE_BACK)


class Migration(migrations.Migration):
    dependencies = [("sovereignty", "0001_initial")]
    operations = [migrations.RunPython(guard, lift)]

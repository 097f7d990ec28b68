"""A check's scope is found by its SHA-256: a list of several hundred tenants is longer than an index of PostgreSQL holds."""

import hashlib
from typing import Any

from django.db import migrations, models


def fill(apps: Any, editor: Any) -> None:
    checks = apps.get_model("sovereignty", "Check")
    for pk, scope in checks.objects.values_list("pk", "scope").iterator():
        checks.objects.filter(pk=pk).update(scope_digest=hashlib.sha256(scope.encode()).digest())


class Migration(migrations.Migration):
    dependencies = [("sovereignty", "0006_keep_the_grade_of_ends")]
    operations = [
        migrations.AddField(model_name="check", name="scope_digest", field=models.BinaryField(max_length=32, null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(model_name="check", name="scope_digest", field=models.BinaryField(max_length=32)),
        migrations.RemoveConstraint(model_name="check", name="check_once_a_question"),
        migrations.RemoveIndex(model_name="check", name="check_newest_of_scope"),
        migrations.AddIndex(
            model_name="check",
            index=models.Index(fields=["policy", "scope_digest", "-position", "-period_to", "-id"], name="check_newest_of_scope"),
        ),
        migrations.AddConstraint(
            model_name="check",
            constraint=models.UniqueConstraint(
                fields=["policy", "scope_digest", "period_from", "period_to", "position"], name="check_once_a_question"
            ),
        ),
    ]

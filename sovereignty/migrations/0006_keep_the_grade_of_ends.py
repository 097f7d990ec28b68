"""The evidence grade of a touch's end.

Of an end that was recorded before, the projection does not know the grade: it counts as planned, the lowest, until `manage.py rebuild` reads it
again from the ledger. A touch that was told closed ends on the grade it was told on.
"""

from django.db import migrations, models

PLANNED = 0


class Migration(migrations.Migration):
    dependencies = [("sovereignty", "0005_find_newest_checks")]
    operations = [
        migrations.AddField(
            model_name="touchend", name="grade", field=models.SmallIntegerField(default=PLANNED), preserve_default=False
        ),
        migrations.AddField(model_name="touch", name="end_grade", field=models.SmallIntegerField(null=True)),
        migrations.RunSQL(
            "UPDATE sovereignty_touch SET end_grade = CASE WHEN EXISTS (SELECT 1 FROM sovereignty_touchend e WHERE "
            "e.tenant_id = sovereignty_touch.tenant_id AND e.touch_id = sovereignty_touch.touch_id) "
            f"THEN {PLANNED} ELSE grade END WHERE ended_at IS NOT NULL",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="touch",
            constraint=models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, end_grade__isnull=True)
                | models.Q(ended_at__isnull=False, end_grade__isnull=False),
                name="touch_end_has_its_grade",
            ),
        ),
    ]

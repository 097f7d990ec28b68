"""Who says what stands: derived rows name the fact that says so now, and a touch is what one source tells under one id.

Of rows that a correction made before, the original counts as the one that says so, until `manage.py rebuild` reads them again.
"""

from django.db import migrations, models

DERIVED = (
    "regionstatement", "nodestatement", "cardstatement", "tenantstatement", "workloadstatement", "access", "sourcedeclaration",
    "heard", "sequencereport",
)  # fmt: skip
LIVE = models.Q(superseded_by__isnull=True)
ONCE = (("touch", "touch_live_once"), ("touchend", "touch_ends_once"))


class Migration(migrations.Migration):
    dependencies = [("sovereignty", "0007_find_scopes_by_digest")]
    operations = [
        *(
            migrations.AddField(model_name=name, name="said_by", field=models.BigIntegerField(default=0), preserve_default=False)
            for name in DERIVED
        ),
        *(
            migrations.RunSQL(f"UPDATE sovereignty_{name} SET said_by = fact_id", migrations.RunSQL.noop)
            for name in DERIVED
        ),
        migrations.AddField(
            model_name="touchend", name="source", field=models.CharField(max_length=200, default=""), preserve_default=False
        ),
        migrations.RunSQL(
            "UPDATE sovereignty_touchend SET source = "
            "(SELECT f.source FROM sovereignty_fact f WHERE f.key = sovereignty_touchend.fact_id)",
            migrations.RunSQL.noop,
        ),
        *(migrations.RemoveConstraint(model_name=name, name=constraint) for name, constraint in ONCE),
        *(
            migrations.AddConstraint(
                model_name=name,
                constraint=models.UniqueConstraint(fields=["tenant", "touch_id", "source"], condition=LIVE, name=constraint),
            )
            for name, constraint in ONCE
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    """The field `once` is called `dedup_key`. Its column and the unique index stay as they are."""

    dependencies = [
        ("audit", "0007_token_kinds"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint(model_name="job", name="job_once"),
                migrations.RenameField(model_name="job", old_name="once", new_name="dedup_key"),
                migrations.AlterField(
                    model_name="job",
                    name="dedup_key",
                    field=models.CharField(blank=True, db_column="once", max_length=100),
                ),
                migrations.AddConstraint(
                    model_name="job",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(
                            ("state__in", ["queued", "running"]),
                            models.Q(("dedup_key", ""), _negated=True),
                        ),
                        fields=("dedup_key",),
                        name="job_once",
                    ),
                ),
            ],
        ),
    ]

"""A token that records says as which sources it may speak. One that was made before keeps speaking as any."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_sign_in_tries")]

    operations = [
        migrations.RemoveConstraint(model_name="token", name="token_reads_one_trail_or_records"),
        migrations.AddField(model_name="token", name="sources", field=models.JSONField(null=True)),
        migrations.AddField(model_name="token", name="last_used_at", field=models.BigIntegerField(null=True)),
        migrations.AddConstraint(
            model_name="token",
            constraint=models.CheckConstraint(
                condition=models.Q(purpose="record", trail__isnull=True)
                | models.Q(purpose="read", trail__isnull=False, sources__isnull=True),
                name="token_reads_one_trail_or_records",
            ),
        ),
    ]

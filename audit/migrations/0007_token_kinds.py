"""What a token may send, by the kinds of its facts; null of those that were issued before: any."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0006_token_sources")]
    operations = [
        migrations.AddField(model_name="token", name="kinds", field=models.JSONField(null=True)),
        migrations.RemoveConstraint(model_name="token", name="token_reads_one_trail_or_records"),
        migrations.AddConstraint(
            model_name="token",
            constraint=models.CheckConstraint(
                condition=models.Q(purpose="record", trail__isnull=True)
                | models.Q(purpose="read", trail__isnull=False, sources__isnull=True, kinds__isnull=True),
                name="token_reads_one_trail_or_records",
            ),
        ),
    ]

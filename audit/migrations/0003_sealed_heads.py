"""What of a trail is sealed moves beside it: a seal that wrote to trail rows made every append wait."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_guard_entries")]

    operations = [
        migrations.RemoveConstraint(model_name="trail", name="trail_sealed_within_size"),
        migrations.RemoveField(model_name="trail", name="sealed_size"),
        migrations.RemoveField(model_name="trail", name="sealed_compact"),
        migrations.CreateModel(
            name="SealedHead",
            fields=[
                ("trail_number", models.IntegerField(primary_key=True, serialize=False)),
                ("size", models.BigIntegerField()),
                ("root", models.BinaryField(max_length=32)),
                ("compact", models.BinaryField()),
            ],
        ),
        migrations.AddField(model_name="seal", name="compact", field=models.BinaryField(default=b"")),
    ]

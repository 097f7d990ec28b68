from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):
    dependencies = [("sovereignty", "0003_slices")]
    operations = [
        migrations.AddField(
            model_name="card",
            name="made_by",
            field=models.ForeignKey(
                db_index=False, default=1, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sovereignty.batch"
            ),
            preserve_default=False,
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sovereignty", "0004_cards_known_since")]
    operations = [
        migrations.AddIndex(
            model_name="check",
            index=models.Index(fields=["policy", "scope", "-position", "-period_to", "-id"], name="check_newest_of_scope"),
        ),
        migrations.AddIndex(
            model_name="check",
            index=models.Index(fields=["-position", "-period_to", "-id"], name="check_newest"),
        ),
    ]

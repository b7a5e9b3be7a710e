"""Facts remember what the papers that show them are called."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("companies", "0001_first")]

    operations = [
        migrations.AddField("factrecord", "named_papers", models.JSONField(blank=True, default=list, editable=False)),
    ]

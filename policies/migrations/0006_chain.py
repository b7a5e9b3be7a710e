"""The lines of the history so far are sealed: each holds the digest of the one before it."""

from datetime import UTC

from django.db import migrations, models

from companies.facts import digest_of

FIELDS = ("policy_id", "number", "deed", "by_id", "why", "before", "after", "release_id")


def seal(apps, editor):
    """Chain the lines that are there, in their order."""
    line_model = apps.get_model("policies", "HistoryLine")
    last, length = "", 0
    for line in line_model.objects.order_by("pk").iterator(chunk_size=500):
        plain = {name: getattr(line, name) for name in FIELDS}
        digest = digest_of({**plain, "at": line.at.astimezone(UTC).isoformat(), "previous": last})
        line_model.objects.filter(pk=line.pk).update(previous=last, digest=digest)
        last, length = digest, length + 1
    apps.get_model("companies", "Chain").objects.update_or_create(
        name="policies.HistoryLine", defaults={"length": length, "digest": last}
    )


class Migration(migrations.Migration):
    dependencies = [("companies", "0003_lists_history"), ("policies", "0005_desk_frozen")]

    operations = [
        migrations.AddField(
            "historyline", "previous", models.CharField(blank=True, default="", editable=False, max_length=64), False
        ),
        migrations.AddField("historyline", "digest", models.CharField(default="", editable=False, max_length=64), False),
        migrations.RunPython(seal, migrations.RunPython.noop),
    ]

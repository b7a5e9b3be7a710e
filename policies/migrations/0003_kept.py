"""On SQLite too, the database refuses to delete what was published; PostgreSQL has had its triggers since 0002.

What 0002 says about later migrations that rebuild a table holds for these triggers as well.
"""

from django.db import migrations

TABLES = (("policies_policyversion", "OLD.state IN ('published', 'retired')"), ("policies_release", "true"))


def install(apps, editor):
    """Create the triggers, replacing earlier ones."""
    if editor.connection.vendor == "sqlite":
        remove(apps, editor)
        for table, when in TABLES:
            editor.execute(
                f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW WHEN {when}"
                f" BEGIN SELECT RAISE(ABORT, '{table}: what was published is kept'); END"
            )


def remove(apps, editor):
    """Drop the triggers."""
    if editor.connection.vendor == "sqlite":
        for table, _when in TABLES:
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_kept")


class Migration(migrations.Migration):
    dependencies = [("policies", "0002_frozen")]

    operations = [migrations.RunPython(install, remove)]

"""The history cannot fork, and its triggers keep the chain as well; 0006 and this one rebuilt the table on SQLite.

What 0002 says about later migrations that rebuild a table holds for these triggers as well.
"""

from importlib import import_module

from django.db import migrations, models

TABLE = "policies_historyline"
COLUMNS = (*import_module("policies.migrations.0005_desk_frozen").HISTORY_COLUMNS, "previous", "digest")


def install(apps, editor):
    """Create the triggers, replacing earlier ones."""
    is_postgresql = editor.connection.vendor == "postgresql"
    on = f" ON {TABLE}" if is_postgresql else ""
    different = "IS DISTINCT FROM" if is_postgresql else "IS NOT"
    changed = " OR ".join(f'NEW."{column}" {different} OLD."{column}"' for column in COLUMNS)
    for name, event, when in (("frozen", "UPDATE", changed), ("kept", "DELETE", "true")):
        editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_{name}{on}")
        does = (
            f"WHEN ({when}) EXECUTE FUNCTION {TABLE}_frozen()"
            if is_postgresql
            else f"WHEN {when} BEGIN SELECT RAISE(ABORT, '{TABLE}: the history does not change'); END"
        )
        editor.execute(f"CREATE TRIGGER {TABLE}_{name} BEFORE {event} ON {TABLE} FOR EACH ROW {does}")


class Migration(migrations.Migration):
    dependencies = [("policies", "0006_chain")]

    operations = [
        migrations.AlterField(
            "historyline", "previous", models.CharField(blank=True, editable=False, max_length=64, unique=True)
        ),
        migrations.AlterField("historyline", "at", models.DateTimeField(editable=False, verbose_name="when")),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]

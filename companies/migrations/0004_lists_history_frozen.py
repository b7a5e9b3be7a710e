"""Lines about the lists never change and are never deleted, also by raw SQL.

SQLite loses triggers when Django rebuilds a table: a later migration that alters this one must run `install` again.
"""

from django.db import migrations

TABLE = "companies_listline"
COLUMNS = ("list_name", "key", "deed", "by_id", "at", "why", "before", "after", "previous", "digest")


def install(apps, editor):
    """Create the triggers, replacing earlier ones."""
    remove(apps, editor)
    if editor.connection.vendor == "postgresql":
        changed = " OR ".join(f'NEW."{column}" IS DISTINCT FROM OLD."{column}"' for column in COLUMNS)
        editor.execute(
            f"CREATE FUNCTION {TABLE}_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" RAISE EXCEPTION '{TABLE}: the history does not change'"
            " USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        for name, event, when in (("frozen", "UPDATE", changed), ("kept", "DELETE", "true")):
            editor.execute(
                f"CREATE TRIGGER {TABLE}_{name} BEFORE {event} ON {TABLE} FOR EACH ROW"
                f" WHEN ({when}) EXECUTE FUNCTION {TABLE}_frozen()"
            )
        return
    changed = " OR ".join(f'NEW."{column}" IS NOT OLD."{column}"' for column in COLUMNS)
    for name, event, when in (("frozen", "UPDATE", changed), ("kept", "DELETE", "true")):
        editor.execute(
            f"CREATE TRIGGER {TABLE}_{name} BEFORE {event} ON {TABLE} FOR EACH ROW"
            f" WHEN {when} BEGIN SELECT RAISE(ABORT, '{TABLE}: the history does not change'); END"
        )


def remove(apps, editor):
    """Drop the triggers."""
    on = f" ON {TABLE}" if editor.connection.vendor == "postgresql" else ""
    for name in ("frozen", "kept"):
        editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_{name}{on}")
    if on:
        editor.execute(f"DROP FUNCTION IF EXISTS {TABLE}_frozen()")


class Migration(migrations.Migration):
    dependencies = [("companies", "0003_lists_history")]

    operations = [migrations.RunPython(install, remove)]

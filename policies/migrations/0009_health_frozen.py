"""The triggers of 0007 again, since 0008 rebuilt the history on SQLite; and words on findings never change either.

What 0002 says about later migrations that rebuild a table holds for these triggers as well.
"""

from importlib import import_module

from django.db import migrations

TABLE = "policies_setaside"
before = import_module("policies.migrations.0007_chain_frozen")


def install(apps, editor):
    """Create the triggers, replacing earlier ones."""
    remove(apps, editor)
    before.install(apps, editor)
    said = f"{TABLE}: what was said of a finding is kept"
    if editor.connection.vendor == "postgresql":
        editor.execute(
            f"CREATE FUNCTION {TABLE}_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" RAISE EXCEPTION '{said}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        editor.execute(
            f"CREATE TRIGGER {TABLE}_frozen BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW"
            f" EXECUTE FUNCTION {TABLE}_frozen()"
        )
    else:
        for event in ("UPDATE", "DELETE"):
            editor.execute(
                f"CREATE TRIGGER {TABLE}_{event.lower()} BEFORE {event} ON {TABLE} FOR EACH ROW"
                f" BEGIN SELECT RAISE(ABORT, '{said}'); END"
            )


def remove(apps, editor):
    """Drop the triggers on words; those of 0007 stay."""
    if editor.connection.vendor == "postgresql":
        editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_frozen ON {TABLE}")
        editor.execute(f"DROP FUNCTION IF EXISTS {TABLE}_frozen()")
    else:
        for event in ("update", "delete"):
            editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_{event}")


class Migration(migrations.Migration):
    dependencies = [("policies", "0008_health")]

    operations = [migrations.RunPython(install, remove)]

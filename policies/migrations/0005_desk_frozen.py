"""The triggers of 0002 and 0003 again, since 0004 rebuilt the table on SQLite: now with the columns of the desk, and for
the history, where nothing changes and nothing is deleted.

What 0002 says about later migrations that rebuild a table holds for these triggers as well.
"""

from django.db import migrations

VERSION_COLUMNS = (
    "policy_id", "number", "title_en", "title_zh", "issuer_en", "issuer_zh", "level", "status", "issued",
    "effective_from", "effective_to", "beneficiary", "content", "digest", "author_id", "reviewer_id", "publisher_id",
    "based_on_id", "publish_on", "published_at",
)  # fmt: skip
HISTORY_COLUMNS = ("policy_id", "number", "deed", "by_id", "at", "why", "before", "after", "release_id")
LATER = "OLD.state IN ('published', 'retired')"
BACKWARDS = "NEW.state NOT IN ('published', 'retired') OR (OLD.state = 'retired' AND NEW.state <> 'retired')"
TABLES = (
    ("policies_policyversion", VERSION_COLUMNS, LATER, BACKWARDS),
    ("policies_historyline", HISTORY_COLUMNS, "true", "false"),
)


def install(apps, editor):
    """Create the triggers, replacing earlier ones."""
    remove(apps, editor)
    is_postgresql = editor.connection.vendor == "postgresql"
    different = "IS DISTINCT FROM" if is_postgresql else "IS NOT"
    for table, columns, when, also in TABLES:
        changed = " OR ".join(f'NEW."{column}" {different} OLD."{column}"' for column in columns)
        if is_postgresql:
            editor.execute(
                f"CREATE FUNCTION {table}_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" RAISE EXCEPTION '{table}: published content does not change'"
                " USING ERRCODE = 'integrity_constraint_violation'; END $$"
            )
            for name, event, needed in (
                ("frozen", "UPDATE", f"{when} AND ({changed} OR {also})"),
                ("kept", "DELETE", when),
            ):
                editor.execute(
                    f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} FOR EACH ROW"
                    f" WHEN ({needed}) EXECUTE FUNCTION {table}_frozen()"
                )
        else:
            for name, event, needed, said in (
                ("frozen", "UPDATE", f"{when} AND ({changed} OR {also})", "published content does not change"),
                ("kept", "DELETE", when, "what was published is kept"),
            ):
                editor.execute(
                    f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} FOR EACH ROW"
                    f" WHEN {needed} BEGIN SELECT RAISE(ABORT, '{table}: {said}'); END"
                )


def remove(apps, editor):
    """Drop the triggers."""
    for table, *_rest in TABLES:
        on = f" ON {table}" if editor.connection.vendor == "postgresql" else ""
        for name in ("frozen", "kept"):
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}{on}")
        if on:
            editor.execute(f"DROP FUNCTION IF EXISTS {table}_frozen()")


class Migration(migrations.Migration):
    dependencies = [("policies", "0004_desk")]

    operations = [migrations.RunPython(install, remove)]

"""Triggers that keep what was published as it is, also against raw SQL.

SQLite loses triggers when Django rebuilds a table: a later migration that alters one of these tables must run
`install` again (a test tries the raw statement). Deleting is refused here on PostgreSQL, and on SQLite since 0003.
"""

from django.db import migrations

VERSION_COLUMNS = (
    "policy_id", "number", "title_en", "title_zh", "issuer_en", "issuer_zh", "level", "status", "issued",
    "effective_from", "effective_to", "beneficiary", "content", "digest", "author_id", "reviewer_id", "published_at",
)  # fmt: skip
RELEASE_COLUMNS = ("number", "digest", "snapshot", "changes", "created_by_id", "created_at")
LATER = "OLD.state IN ('published', 'retired')"
BACKWARDS = "NEW.state NOT IN ('published', 'retired') OR (OLD.state = 'retired' AND NEW.state <> 'retired')"
TABLES = (
    ("policies_policyversion", VERSION_COLUMNS, LATER, BACKWARDS),
    ("policies_release", RELEASE_COLUMNS, "true", "false"),
)


def install(apps, editor):
    """Create the triggers, replacing earlier ones."""
    remove(apps, editor)
    for table, columns, when, also in TABLES:
        if editor.connection.vendor == "postgresql":
            changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)
            editor.execute(
                f"CREATE FUNCTION {table}_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" RAISE EXCEPTION '{table}: published content does not change'"
                " USING ERRCODE = 'integrity_constraint_violation'; END $$"
            )
            editor.execute(
                f"CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {table} FOR EACH ROW"
                f" WHEN ({when} AND ({changed} OR {also})) EXECUTE FUNCTION {table}_frozen()"
            )
            editor.execute(
                f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW"
                f" WHEN ({when}) EXECUTE FUNCTION {table}_frozen()"
            )
        else:
            changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in columns)
            editor.execute(
                f"CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {table} FOR EACH ROW"
                f" WHEN {when} AND ({changed} OR {also})"
                f" BEGIN SELECT RAISE(ABORT, '{table}: published content does not change'); END"
            )


def remove(apps, editor):
    """Drop the triggers."""
    for table, *_rest in TABLES:
        if editor.connection.vendor == "postgresql":
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_frozen ON {table}")
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_kept ON {table}")
            editor.execute(f"DROP FUNCTION IF EXISTS {table}_frozen()")
        else:
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_frozen")


class Migration(migrations.Migration):
    dependencies = [("policies", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]

"""The database itself refuses to change a stored report, whoever asks."""

from typing import Any

from django.db import migrations

SQLITE = """
CREATE TRIGGER matching_report_never_changes BEFORE UPDATE ON matching_matchreport
BEGIN SELECT RAISE(ABORT, 'a stored report never changes'); END
"""
POSTGRESQL = """
CREATE FUNCTION matching_report_never_changes() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a stored report never changes' USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER matching_report_never_changes BEFORE UPDATE ON matching_matchreport
FOR EACH ROW EXECUTE FUNCTION matching_report_never_changes()
"""


def add(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute(POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


def remove(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER matching_report_never_changes ON matching_matchreport")
        schema_editor.execute("DROP FUNCTION matching_report_never_changes()")
    else:
        schema_editor.execute("DROP TRIGGER matching_report_never_changes")


class Migration(migrations.Migration):
    dependencies = [("matching", "0001_first")]

    operations = [migrations.RunPython(add, remove)]

"""Upgrades without downtime: a migration only adds, is done wholly or not at all, and an interrupted one goes on."""

from __future__ import annotations

import tempfile
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.models.functions import Now

from matching.bench.served import served
from tests.changping.migration_rule import unsafe

# The migrations of the first version: no older one runs on them.
FIRST_VERSION = {"companies": "0013", "matching": "0019", "policies": "0010"}
NAMED = models.CharField(max_length=10)
# A migration says why it is safe all the same by `SAFE_BECAUSE = "…"` in its module.
EXCUSE = "SAFE_BECAUSE"


@pytest.mark.parametrize(
    ("operation", "why"),
    [
        (migrations.RemoveField("batch", "rows"), "a version later"),
        (migrations.RenameField("batch", "rows", "lines"), "a version later"),
        (migrations.DeleteModel("Batch"), "a version later"),
        (migrations.RenameModel("Batch", "Pile"), "a version later"),
        (migrations.AlterField("batch", "name", models.CharField(max_length=5)), "another field"),
        (migrations.AddField("batch", "name", NAMED), "db_default"),
        # Filled by Django once and then left to each process to fill, which the old version does not.
        (migrations.AddField("batch", "name", models.CharField(max_length=10, default="x")), "db_default"),
        (migrations.AddConstraint("batch", models.UniqueConstraint(fields=["name"], name="x")), "forbids"),
        (migrations.SeparateDatabaseAndState([migrations.RemoveField("batch", "rows")]), "a version later"),
    ],
)
def test_what_the_version_before_would_stumble_over_is_refused(operation, why: str):
    (said,) = unsafe([operation])

    assert why in said


@pytest.mark.parametrize(
    "operations",
    [
        [migrations.CreateModel("Batch", [("id", models.AutoField(primary_key=True))]),
         migrations.AddField("batch", "name", NAMED)],
        [migrations.AddField("batch", "name", models.CharField(max_length=10, null=True))],
        [migrations.AddField("batch", "at", models.DateTimeField(db_default=Now()))],
        [migrations.AddIndex("batch", models.Index(fields=["name"], name="x"))],
        [migrations.AlterModelOptions("batch", {"ordering": ["pk"]})],
    ],
)  # fmt: skip
def test_what_only_adds_is_taken(operations):
    assert list(unsafe(operations)) == []


def test_no_migration_since_the_first_version_disturbs_the_one_before():
    disk = MigrationLoader(None).disk_migrations
    since = [one for (app, name), one in disk.items() if app in FIRST_VERSION and name[:4] > FIRST_VERSION[app]]

    said = {
        f"{one.app_label}.{one.name}": list(unsafe(one.operations))
        for one in since
        if not getattr(__import__(type(one).__module__, fromlist=["x"]), EXCUSE, "")
    }

    assert {name: why for name, why in said.items() if why} == {}


def test_every_migration_is_one_transaction():
    ours = {app.label for app in apps.get_app_configs() if app.label in FIRST_VERSION}
    disk = MigrationLoader(None).disk_migrations

    assert [one for (app, _name), one in disk.items() if app in ours and not one.atomic] == []


INTERRUPTED = """
import json
from django.core.management import call_command
from django.db import connection, migrations, models
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from changping import doctor

def ready():
    answer = Client(SERVER_NAME="localhost").get("/readyz").json()
    return answer["migrations"]

def columns():
    with connection.cursor() as cursor:
        return [one.name for one in connection.introspection.get_table_description(cursor, "matching_workerpulse")]

class Stopped(Exception):
    pass

def stop(*_):
    raise Stopped

call_command("migrate", "matching", "0005", verbosity=0)
half = [ready(), next(doctor.examine("migrations")).said]

# The same migration as ever, which is stopped before its end.
executor = MigrationExecutor(connection)
plan = executor.migration_plan([("matching", "0006_cancelled_runs")])
last = plan[-1][0]
last.operations = [migrations.AddField("workerpulse", "half", models.IntegerField(null=True)), *last.operations,
                   migrations.RunPython(stop)]
try:
    executor.migrate([("matching", "0006_cancelled_runs")], plan=plan)
    stopped = False
except Stopped:
    stopped = True
left = "half" in columns()
connection.close()
call_command("migrate", verbosity=0)
print(json.dumps({"half": half, "stopped": stopped, "left": left, "after": [ready(), next(doctor.examine("migrations")).well]}))
"""


@pytest.mark.slow
@pytest.mark.stack
@pytest.mark.own_database
@pytest.mark.xdist_group("stack")
def test_an_interrupted_migration_of_postgresql_leaves_nothing_and_goes_on():
    with tempfile.TemporaryDirectory(prefix="cm-") as folder, served(Path(folder)) as service:
        address = service.postgres.address.rpartition("/")[0] + "/empty"
        with psycopg.connect(service.postgres.address, autocommit=True) as connection:
            connection.execute("CREATE DATABASE empty")
        service.environment["DATABASE_URL"] = address

        said = service.told(INTERRUPTED)

    assert said["half"][0] is False
    assert "the others are, first" in said["half"][1]
    assert (said["stopped"], said["left"]) == (True, False)
    assert said["after"] == [True, True]

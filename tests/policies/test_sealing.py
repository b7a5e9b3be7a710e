"""A database from before there was a chain of histories: brought up to date, its old lines are sealed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.stack import ROOT, clean_environment

pytestmark = pytest.mark.slow

OLD_LINES = """
from django.core.management import call_command
call_command("migrate", "companies", "0002", verbosity=0)
call_command("migrate", "policies", "0005", verbosity=0)
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
apps = MigrationExecutor(connection).loader.project_state([("policies", "0005_desk_frozen")]).apps
policy = apps.get_model("policies", "Policy").objects.create(key="cp-old")
line = apps.get_model("policies", "HistoryLine")
for why in ("first 第一", "second", "third"):
    line.objects.create(policy=policy, number=1, deed="saved", why=why, at=timezone.now())
"""
NOW = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("verify_history")
from policies.models import HistoryLine
print([line.why for line in HistoryLine.objects.order_by("pk")], all(line.digest for line in HistoryLine.objects.all()))
from django.db import DatabaseError, transaction
try:
    with transaction.atomic():
        HistoryLine.objects.filter(number=1)._raw_delete("default")
except DatabaseError:
    print("still frozen")
"""


@contextmanager
def empty_database(folder: Path) -> Iterator[dict[str, str]]:
    """An empty database of the kind that the tests run on: the variables that name it."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield {}
        return
    import psycopg

    name = f"{urlsplit(url).path.lstrip('/')}_sealing"
    with psycopg.connect(url.rpartition("/")[0] + "/postgres", autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}"')
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield {"DATABASE_URL": urlsplit(url)._replace(path=f"/{name}").geturl()}
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_old_lines_are_sealed_when_the_database_is_brought_up_to_date(tmp_path):
    with empty_database(tmp_path) as named:
        environment = clean_environment(
            tmp_path, DJANGO_SETTINGS_MODULE="changping.settings", PYTHONPATH=str(ROOT), **named
        )

        def python(code: str) -> str:
            program = f"import django; django.setup()\n{code}"
            done = subprocess.run(
                [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=500
            )
            assert done.returncode == 0, done.stderr
            return done.stdout

        python(OLD_LINES)
        said = python(NOW)

    assert "policies.HistoryLine: 3 lines, as they were written" in said
    assert "['first 第一', 'second', 'third'] True" in said
    assert "still frozen" in said

"""Backup and restore of the served edition: a dump under load, a new database made of it, counted and recomputed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from changping.backups import folders
from matching.bench.served import ROOT, Service, served, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.stack, pytest.mark.own_database, pytest.mark.xdist_group("stack")]

FOUND = """
from companies.actions import found_company, save_answers
from companies.models import User
from policies import rulebook
lin, _made = User.objects.get_or_create(email="lin@example.com")
company = found_company(name="Example", by=lin)
vocabulary = rulebook.current().vocabulary
saved = save_answers(company=company, answers={"employees": 40, "district": "changping"}, by=lin, vocabulary=vocabulary)
"""
ASK = """
import datetime, sys
from companies.models import ProfileVersion, User
from matching.actions import request_match
from policies import rulebook
version, lin, day = ProfileVersion.objects.latest("pk"), User.objects.get(), datetime.date(2026, 11, 24)
number = 0
while not sys.argv[2:] or number < int(sys.argv[2]):
    request_match(profile_version=version, day=day, by=lin, key=f"{sys.argv[1]}-{number}")
    print(number := number + 1, flush=True)
"""
COUNT = """
import json
import shutil
from matching.models import MatchReport, MatchRequest
keys = list(MatchRequest.objects.values_list("idempotency_key", flat=True))
print(json.dumps({"keys": keys, "reports": MatchReport.objects.count()}))
"""


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """A service with one company, a worker, and reports that are being made."""
    with tempfile.TemporaryDirectory(prefix="cb-") as folder, served(Path(folder)) as running:
        # A `pg_dump` must be as new as its server.
        running.environment["PATH"] = f"{running.postgres.programs}:{running.environment['PATH']}"
        running.run(FOUND)
        running.start_broker()
        running.start_worker()
        running.start_beat()
        running.run(ASK, "before", "5")
        wait_until(lambda: running.told(COUNT)["reports"] == 5, seconds=120, what="the first reports")
        yield running


def manage(service: Service, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**service.environment, **variables},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture
def new_database(service: Service) -> str:
    """The address of a database that holds nothing."""
    with psycopg.connect(service.postgres.address, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS again")
        connection.execute("CREATE DATABASE again")
    return service.postgres.address.rpartition("/")[0] + "/again"


def test_a_dump_under_load_becomes_a_database_that_lacks_nothing_and_recomputes(
    service: Service, new_database: str, tmp_path: Path
):
    writer = service.start("writer", sys.executable, "-c", f"import django; django.setup()\n{ASK}", "meanwhile")
    said = service.folder / "writer.log"
    wait_until(lambda: said.read_text().count("\n") > 3, seconds=60, what="the first of what is written meanwhile")
    acknowledged = said.read_text().count("\n")

    made = manage(service, "backup", str(tmp_path / "backup"))
    assert made.returncode == 0, made.stderr
    assert writer.poll() is None
    wait_until(lambda: said.read_text().count("\n") > acknowledged + 3, seconds=60, what="more after the dump")
    service.kill("writer")
    elsewhere = {"DATABASE_URL": new_database, "BATCH_DIR": str(tmp_path / "batches")}
    restored = manage(service, "restore", str(tmp_path / "backup"), **elsewhere)

    assert restored.returncode == 0, restored.stderr
    assert "as many as were dumped" in restored.stdout
    service.environment["DATABASE_URL"], here = new_database, service.environment["DATABASE_URL"]
    try:
        found = service.told(COUNT)
    finally:
        service.environment["DATABASE_URL"] = here
    wanted = {f"before-{n}" for n in range(5)} | {f"meanwhile-{n}" for n in range(acknowledged)}
    assert wanted <= set(found["keys"])
    assert len(found["keys"]) < len(service.told(COUNT)["keys"]), "nothing was written after the dump"
    for command in ("verify_reports", "verify_history"):
        verified = manage(service, command, **elsewhere)
        assert verified.returncode == 0, verified.stdout[-2000:] + verified.stderr
        assert (
            command == "verify_history"
            or f"reports: {found['reports']}, identical: {found['reports']}" in verified.stdout
        )


@pytest.fixture(scope="module")
def dump(service: Service, tmp_path_factory) -> Path:
    """A backup that nobody changes."""
    folder = tmp_path_factory.mktemp("dump") / "backup"
    made = manage(service, "backup", str(folder))
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture
def tampered(dump: Path, tmp_path: Path) -> Path:
    """A copy of the backup to break."""
    return shutil.copytree(dump, tmp_path / "backup")


def test_nothing_is_restored_over_what_is_there(service: Service, dump: Path):
    refused = manage(service, "restore", str(dump))

    assert refused.returncode == 1
    assert "already holds tables" in refused.stderr


def test_a_dump_whose_rows_are_not_those_counted_is_not_accepted(service: Service, new_database: str, tampered: Path):
    path = tampered / folders.MANIFEST
    manifest = json.loads(path.read_text())
    manifest["rows"]["matching_matchreport"] += 1
    path.write_text(json.dumps(manifest))

    refused = manage(service, "restore", str(tampered), DATABASE_URL=new_database)

    assert refused.returncode == 1
    assert "matching_matchreport" in refused.stderr


def test_half_a_dump_leaves_an_empty_database(service: Service, new_database: str, tampered: Path):
    dump = tampered / "changce.dump"
    dump.write_bytes(dump.read_bytes()[:-20_000])
    path = tampered / folders.MANIFEST
    manifest = json.loads(path.read_text())
    manifest["files"]["changce.dump"] = folders.digest_of(dump)
    path.write_text(json.dumps(manifest))

    refused = manage(service, "restore", str(tampered), DATABASE_URL=new_database)

    assert refused.returncode == 1
    with psycopg.connect(new_database) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_only_its_owner_can_read_a_dump(dump: Path):
    assert {path.stat().st_mode & 0o077 for path in (dump, *dump.rglob("*"))} == {0}


def test_where_pg_dump_is_missing_it_is_said(service: Service, tmp_path: Path):
    refused = manage(service, "backup", str(tmp_path / "backup"), PATH=str(tmp_path))

    assert refused.returncode == 1
    assert "pg_dump is not installed" in refused.stderr

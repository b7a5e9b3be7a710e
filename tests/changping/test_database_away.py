"""A database that is away or has no free connection: 503 with Retry-After, no hang, and everything goes on by itself."""

import json
import os
import signal
import sqlite3
import tempfile
import time
from pathlib import Path

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.test import Client

from changping import faults
from companies.outages import is_outage
from matching.bench.served import served, wait_until
from policies import rulebook


def raised_by_sqlite(statement, fault=OperationalError):
    try:
        sqlite3.connect(":memory:").execute(statement)
    except sqlite3.Error as cause:
        error = fault(str(cause))
        error.__cause__ = cause
        return error


def test_a_missing_table_is_a_fault_of_ours_and_no_outage():
    assert not is_outage(raised_by_sqlite("SELECT * FROM nothing"))
    assert not is_outage(ProgrammingError("relation does not exist"))


def test_a_lost_connection_and_a_locked_file_are_outages():
    locked = OperationalError("database is locked")
    locked.__cause__ = sqlite3.OperationalError("database is locked")
    locked.__cause__.sqlite_errorcode = sqlite3.SQLITE_BUSY

    assert is_outage(locked)
    assert is_outage(OperationalError("connection refused"))
    assert is_outage(InterfaceError("the connection is closed"))


@pytest.fixture
def without_database(monkeypatch):
    """A release cannot be read, as when the database is away."""

    def away(*_):
        raise OperationalError("connection refused")

    monkeypatch.setattr(rulebook, "current", away)


@pytest.mark.parametrize(
    ("language", "heading"), [("en", "The service cannot answer just now"), ("zh-hans", "服务暂时无法响应")]
)
def test_people_are_told_in_their_language_what_to_do(without_database, language, heading):
    client = Client(raise_request_exception=False, headers={"accept-language": language})

    answer = client.get("/")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert heading in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(("method", "links"), [("GET", 1), ("POST", 0)])
def test_only_what_a_link_can_repeat_has_a_link_for_it(rf, method, links):
    try:
        raise OperationalError("connection refused")
    except OperationalError:
        answer = faults.failed(rf.generic(method, "/companies/"))

    assert answer.content.decode().count('href=""') == links


@pytest.fixture(scope="module")
def service():
    with (
        tempfile.TemporaryDirectory(prefix="changce-d-") as folder,
        served(Path(folder), SWEEP_SECONDS="0.5") as service,
    ):
        service.start_broker()
        service.start_web(workers=1)
        service.start_worker()
        service.start_beat()
        service.start_webhooks()
        wait_until(service.is_ready, seconds=180, what="the service being ready")
        yield service


PAGES = ("/", "/policies/", "/api/v1/policies/", "/api/v1/facts/")


def answers(service):
    """Status, Retry-After and kind of each page, and the seconds that the slowest took."""
    found, slowest = {}, 0.0
    for path in PAGES:
        began = time.monotonic()
        status, headers, text = service.get(path)
        slowest = max(slowest, time.monotonic() - began)
        kind = json.loads(text)["type"].split("/")[-2] if path.startswith("/api/") and status == 503 else ""
        found[path] = (status, headers.get("Retry-After"), kind)
    return found, slowest


def told_to_come_again():
    return {path: (503, "5", "unavailable" if path.startswith("/api/") else "") for path in PAGES}


def goes_on(service):
    """Ready again, with the same processes, and a match that is asked for now is made."""
    wait_until(service.is_ready, seconds=180, what="the service being ready again")
    assert [name for name, process in service.processes.items() if process.poll() is not None] == []
    match = service.told(ASK)
    wait_until(lambda: service.told(STATE, match) == "done", seconds=180, what="the report")


ASK = """
import datetime, json, uuid
from companies.actions import found_company
from companies.models import User
from matching import actions
lin = User.objects.create_user(f"{uuid.uuid4()}@example.com")
version = actions.version_to_match(company=found_company(name="Example", by=lin), by=lin)
print(json.dumps(str(actions.request_match(profile_version=version, day=datetime.date(2026, 11, 24), by=lin).public_id)))
"""
STATE = """
import json, sys
from matching.models import MatchRequest
print(json.dumps(MatchRequest.objects.get(public_id=sys.argv[1]).state))
"""


@pytest.mark.slow
@pytest.mark.stack
@pytest.mark.own_database
def test_a_database_that_is_stopped_costs_answers_and_nothing_else(service):
    service.postgres.stop(crash=True)
    try:
        found, slowest = answers(service)
        alive, ready = service.get("/healthz")[0], service.get("/readyz")
    finally:
        service.postgres.start()

    assert found == told_to_come_again()
    assert slowest < 3
    assert (alive, ready[0], json.loads(ready[2])["database"]) == (200, 503, False)
    goes_on(service)


@pytest.mark.slow
@pytest.mark.stack
@pytest.mark.own_database
def test_a_database_without_a_free_connection_is_answered_alike(service):
    service.postgres.stop()
    service.postgres.start(max_connections=8, superuser_reserved_connections=0)
    taken = []
    # What they give back meanwhile would be free for a page.
    beside = [process for name, process in service.processes.items() if name in ("worker", "beat", "webhooks")]
    for process in beside:
        os.killpg(process.pid, signal.SIGSTOP)
    try:
        while len(taken) < 8:
            try:
                taken.append(psycopg.connect(service.postgres.address, connect_timeout=3))
            except psycopg.OperationalError:
                break
        assert taken
        found, slowest = answers(service)
    finally:
        for process in beside:
            os.killpg(process.pid, signal.SIGCONT)
        for connection in taken:
            connection.close()
        service.postgres.stop()
        service.postgres.start()

    assert found == told_to_come_again()
    assert slowest < 3
    goes_on(service)

"""A worker whose clock is an hour off: no lease ends early or never, and nothing is done twice."""

from __future__ import annotations

import tempfile
from pathlib import Path

import psycopg
import pytest

from matching.bench.served import served, wait_until
from tests.changping.test_backups_served import ASK, FOUND

STOOD = """
SELECT (SELECT count(*) FROM matching_matchreport), count(*), coalesce(max(attempt), 0),
       coalesce(max(extract(epoch FROM lease_until - now())) FILTER (WHERE state = 'running'), 0)
FROM matching_matchrequest
"""
ALIVE = "SELECT name FROM matching_workerpulse WHERE beat_at > now() - interval '30 seconds'"
ALONE, ASKED = 3, 9


@pytest.mark.slow
@pytest.mark.stack
@pytest.mark.own_database
@pytest.mark.xdist_group("stack")
def test_an_hour_off_ahead_or_behind_ends_no_lease_early_and_doubles_nothing():
    with tempfile.TemporaryDirectory(prefix="cc-") as folder, served(Path(folder)) as service:
        service.run(FOUND)
        service.start_broker()
        service.start_beat()

        def start(name: str, seconds: int) -> None:
            service.environment["SHIFT_SECONDS"] = str(seconds)
            included = "--include=tests.changping.shifted_clock"
            celery = [*service._celery(), "worker", "--concurrency=1", "--without-gossip", "--without-mingle"]
            service.start(name, *celery, f"--hostname={name}@served", included)

        with psycopg.connect(service.postgres.address, autocommit=True) as connection:

            def alive() -> set[str]:
                return {name.partition("@")[0] for (name,) in connection.execute(ALIVE)}

            seen = []

            def are_made(reports: int) -> bool:
                seen.append(connection.execute(STOOD).fetchone())
                return seen[-1][0] == reports

            start("ahead", 3600)
            wait_until(lambda: "ahead" in alive(), seconds=180, what="the worker ahead")
            service.run(ASK, "alone", str(ALONE))
            wait_until(lambda: are_made(ALONE), seconds=240, what="the reports of the worker ahead, alone")
            start("true", 0)
            start("behind", -3600)
            wait_until(lambda: alive() >= {"true", "ahead", "behind"}, seconds=180, what="three workers")
            service.run(ASK, "k", str(ASKED))
            wait_until(lambda: are_made(ALONE + ASKED), seconds=240, what="all reports")

    reports, requests, attempts, _lease = seen[-1]
    assert (reports, requests) == (ALONE + ASKED, ALONE + ASKED)
    assert attempts == 1, "a lease ended early"
    assert max(lease for *_, lease in seen) <= 30, "a lease would not have ended"

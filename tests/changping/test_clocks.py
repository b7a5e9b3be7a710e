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
ASKED = 12


@pytest.mark.slow
@pytest.mark.stack
@pytest.mark.xdist_group("stack")
def test_an_hour_off_ahead_or_behind_ends_no_lease_early_and_doubles_nothing():
    with tempfile.TemporaryDirectory(prefix="cc-") as folder, served(Path(folder)) as service:
        service.run(FOUND)
        service.start_broker()
        service.start_beat()
        for name, seconds in (("true", 0), ("ahead", 3600), ("behind", -3600)):
            service.environment["SHIFT_SECONDS"] = str(seconds)
            included = "--include=tests.changping.shifted_clock"
            celery = [*service._celery(), "worker", "--concurrency=1", "--without-gossip", "--without-mingle"]
            service.start(name, *celery, f"--hostname={name}@served", included)
        with psycopg.connect(service.postgres.address, autocommit=True) as connection:

            def alive() -> set[str]:
                return {name.partition("@")[0] for (name,) in connection.execute(ALIVE)}

            wait_until(lambda: alive() >= {"true", "behind"}, seconds=180, what="two workers")
            service.run(ASK, "k", str(ASKED))
            seen = []
            wait_until(
                lambda: seen.append(connection.execute(STOOD).fetchone()) or seen[-1][0] == ASKED,
                seconds=240,
                what="all reports",
            )

    reports, requests, attempts, _lease = seen[-1]
    assert (reports, requests) == (ASKED, ASKED)
    assert attempts == 1, "a lease ended early"
    assert max(lease for *_, lease in seen) <= 30, "a lease would not have ended"

"""The same question gives the same bytes: from whichever worker process, on either database."""

import json
import tempfile
from pathlib import Path

import pytest

from matching.bench.served import served
from tests.matching.scene import ASK, SET_UP, a_scene
from tests.stack import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.stack, pytest.mark.own_database]

EACH = 100
LEFT = """
from matching.models import MatchRequest
print(MatchRequest.objects.live().count())
"""
DIGESTS = """
import json
from django.db import connection
from matching.models import MatchReport
print(json.dumps([connection.vendor, list(MatchReport.objects.values_list("digest", flat=True))]))
"""


def all_digests(place):
    """Of so many requests for one report, each made by one of four processes; and the kind of database."""
    place.run(ASK.format(count=EACH, prefix="k"))
    for name in ("first", "second"):
        place.start_worker(name, concurrency=2) if hasattr(place, "postgres") else place.start_worker(concurrency=2)
    wait_until(lambda: place.run(LEFT).strip() == "0", seconds=300, what="all reports")
    return json.loads(place.run(DIGESTS).splitlines()[-1])


def test_two_hundred_reports_of_one_question_from_both_databases_have_one_digest():
    found = {}
    with (
        tempfile.TemporaryDirectory(prefix="changce-e-") as folder,
        a_scene(Path(folder), SWEEP_SECONDS="0.5", SLOW_OFFER_SECONDS="0") as scene,
    ):
        scene.start_broker()
        scene.start_timetable()
        database, digests = all_digests(scene)
        found[database] = digests
    with (
        tempfile.TemporaryDirectory(prefix="changce-s-") as folder,
        served(Path(folder), empty=True, SWEEP_SECONDS="0.5") as service,
    ):
        service.run(SET_UP)
        service.start_broker()
        service.start_beat()
        database, digests = all_digests(service)
        found[database] = digests

    assert {database: len(digests) for database, digests in found.items()} == {"sqlite": EACH, "postgresql": EACH}
    assert len({digest for digests in found.values() for digest in digests}) == 1

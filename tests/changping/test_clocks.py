"""A worker whose clock is an hour off: no lease ends early or never, and nothing is done twice."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from matching.bench.served import served, wait_until
from tests.changping.test_backups_served import ASK, FOUND

STOOD = """
import json
from django.db.models import Max
from django.db.models.functions import Now
from matching.models import MatchReport, MatchRequest, WorkerPulse
held = MatchRequest.objects.filter(state="running").annotate(left=Max("lease_until") - Now())
print(json.dumps({
    "reports": MatchReport.objects.count(),
    "requests": MatchRequest.objects.count(),
    "attempts": MatchRequest.objects.aggregate(most=Max("attempt"))["most"],
    "longest_lease": max((one.left.total_seconds() for one in held), default=0),
    "alive": sorted(name.split("@")[0] for name in WorkerPulse.objects.alive().values_list("name", flat=True)),
}))
"""
ASKED = 40


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
        wait_until(lambda: {"true", "behind"} <= set(service.told(STOOD)["alive"]), seconds=120, what="two workers")

        service.run(ASK, "k", str(ASKED))
        seen = []
        wait_until(
            lambda: seen.append(service.told(STOOD)) or seen[-1]["reports"] == ASKED, seconds=240, what="all reports"
        )

    assert seen[-1]["requests"] == ASKED
    assert seen[-1]["attempts"] == 1, "a lease ended early"
    assert max(one["longest_lease"] for one in seen) <= 30, "a lease would not have ended"

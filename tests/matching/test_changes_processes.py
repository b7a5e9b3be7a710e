"""The feed of changes with real workers that are killed: nothing twice, nothing missed."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest

from tests.matching.scene import a_scene, kill
from tests.stack import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.stack, pytest.mark.xdist_group("stack")]

# Companies whose ids are far apart: each is a part of the run of its own.
SENT = """
from companies.models import Company, Partner, PartnerCompany
partner = Partner.objects.create(name="Partner A", contact="it@a.example")
for pk in (5000, 10000, 15000, 20000):
    Company.objects.create(pk=pk, name="Example")
    PartnerCompany.objects.create(partner=partner, company_id=pk, basis="sent", reference=str(pk))
"""
ANSWER = """
from companies.actions import partners
from companies.models import Partner, PartnerCompany
from matching import actions
from matching.models import Cause
from policies import rulebook
from policies.models import Release
import datetime
for link in PartnerCompany.objects.select_related("company", "partner"):
    partners.answer_for_company(
        company=link.company, answers={{"employees": {employees}}}, partner=link.partner,
        vocabulary=rulebook.current().vocabulary,
    )
actions.request_run(release=Release.objects.latest(), day=datetime.date.today(), cause=Cause.ASKED, by=None)
"""
READ = """
import json
from django.test import Client
from companies import actions
from companies.models import Partner
_key, secret = actions.make_key(partner=Partner.objects.get(), label="x", scopes=["companies"], by=None)
address = "/api/v1/changes?limit=3" + {cursor!r}
found = []
while address:
    piece = Client(headers={{"host": "localhost", "authorization": f"Bearer {{secret}}"}}).get(address).json()
    found += [(one["id"], one["reference"], one["offer"], one["after"]["verdict"]) for one in piece["results"]]
    address = piece["next"]
print("read", json.dumps([found, piece["cursor"]]))
"""
RUNS = "SELECT state FROM matching_run ORDER BY id"


def read(scene, cursor: str = "") -> tuple[list[list[str]], str]:
    said = scene.run(READ.format(cursor=cursor and f"&cursor={cursor}"))
    (line,) = [line for line in said.splitlines() if line.startswith("read ")]
    found, after = json.loads(line.removeprefix("read "))
    return found, after


def test_workers_killed_in_the_middle_of_runs_make_no_change_come_twice_or_go_missing():
    with (
        tempfile.TemporaryDirectory(prefix="changce-c-") as folder,
        a_scene(Path(folder), JOB_LEASE_SECONDS="2", SWEEP_SECONDS="0.5", SLOW_OFFER_SECONDS="0") as scene,
    ):
        scene.run(SENT)
        scene.start_broker()
        scene.start_timetable()
        worker = scene.start_worker()
        scene.run(ANSWER.format(employees=40))
        wait_until(lambda: {state for (state,) in scene.rows(RUNS)} == {"done"}, what="the first run")
        kill(worker)
        before, cursor = read(scene)
        scene.environment["SLOW_OFFER_SECONDS"] = "1"
        told = []
        for turn, employees in enumerate((1000, 40), start=2):
            scene.run(ANSWER.format(employees=employees))
            worker = scene.start_worker()
            parts = f"SELECT count(*) FROM matching_runpart WHERE run_id = {turn}"
            wait_until(lambda parts=parts: scene.rows(parts)[0][0] >= 2, what="the middle of the run")
            kill(worker)
            # What was found so far is nobody's news yet.
            assert read(scene, cursor)[0] == []
            worker = scene.start_worker()
            wait_until(lambda: {state for (state,) in scene.rows(RUNS)} == {"done"}, what="the run")
            kill(worker)
            fresh, cursor = read(scene, cursor)
            told.append(fresh)
        everything, _cursor = read(scene)

    team = [[one[1:] for one in fresh if one[2].endswith("large-team")] for fresh in told]
    wanted = ["5000", "10000", "15000", "20000"]
    assert team == [
        [[reference, "cp-small-2026/large-team", verdict] for reference in wanted]
        for verdict in ("eligible", "ineligible")
    ]
    assert before == []
    assert everything == [one for fresh in told for one in fresh]
    assert len({one[0] for one in everything}) == len(everything)

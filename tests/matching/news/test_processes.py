"""Letters with real workers that are killed between the run and the letter, and with the letter in their hands."""

from __future__ import annotations

import socket
import tempfile
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from tests.matching.scene import a_scene, kill
from tests.stack import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.stack, pytest.mark.xdist_group("stack")]

WATCH = """
from companies.models import Company, User
from matching.news import actions
lin = User.objects.get()
actions.watch(company=Company.objects.get(), by=lin)
actions.write_to(by=lin, language="en")
"""
RUN = """
from django.utils import timezone
from companies.actions import save_answers
from companies.models import Company, User
from matching import actions
from matching.models import Cause
from policies import rulebook
from policies.models import Release
company, lin = Company.objects.get(), User.objects.get()
save_answers(company=company, answers={{"employees": {employees}}}, by=lin, vocabulary=rulebook.current().vocabulary)
actions.request_run(release=Release.objects.latest(), day=timezone.localdate(), cause=Cause.ASKED, by=None)
"""
A_DAY_LATER = """
import datetime
from django.db.models import F
from matching.models import Digest
Digest.objects.update(created_at=F("created_at") - datetime.timedelta(days=2))
"""


def test_workers_killed_between_run_and_letter_neither_lose_nor_double_it():
    with (
        tempfile.TemporaryDirectory(prefix="changce-n-") as folder,
        socket.create_server(("127.0.0.1", 0)) as silent,  # takes calls and never says a word
        a_scene(
            Path(folder), JOB_LEASE_SECONDS="2", SWEEP_SECONDS="0.5", DIGEST_SECONDS="3600", DIGEST_HOUR="0", SLOW_OFFER_SECONDS="0",
            EMAIL_URL=f"smtp://127.0.0.1:{silent.getsockname()[1]}",
        ) as scene,
    ):  # fmt: skip
        letters = Path(folder) / "letters"

        def runs_are_done() -> bool:
            return {state for (state,) in scene.rows("SELECT state FROM matching_run")} == {"done"}

        def states() -> list[str]:
            return [state for (state,) in scene.rows("SELECT state FROM matching_digest ORDER BY id")]

        def sent() -> list[bytes]:
            return [path.read_bytes() for path in sorted(letters.glob("*.log"))]

        scene.run(WATCH)
        scene.start_broker()
        timetable, worker = scene.start_timetable(), scene.start_worker()
        scene.run(RUN.format(employees=40))
        wait_until(runs_are_done, what="the first run")
        scene.run(RUN.format(employees=1000))
        wait_until(runs_are_done, what="the run that finds the change")
        for process in (worker, timetable):
            kill(process)
        assert states() == []

        # The mail server takes the call and is silent: killed with the letter claimed, before it was handed over.
        scene.environment["DIGEST_SECONDS"] = "0.5"
        timetable, worker = scene.start_timetable(), scene.start_worker()
        wait_until(lambda: states() == ["running"], what="the letter being worked on")
        for process in (worker, timetable):
            kill(process)

        scene.environment["EMAIL_URL"] = f"filemail:///{letters}"
        scene.start_timetable()
        scene.start_worker()
        wait_until(lambda: states() == ["done"], what="the letter being sent")
        first = sent()
        scene.run(A_DAY_LATER)
        scene.run(RUN.format(employees=1000))
        wait_until(runs_are_done, what="a run that finds nothing")
        seen = "SELECT mailed_up_to = (SELECT max(sequence) FROM matching_run) FROM matching_addressee"
        wait_until(lambda: scene.rows(seen) == [(1,)], what="the timetable seeing that there is nothing to write")

        assert len(first) == 1
        body = message_from_bytes(first[0], policy=default).get_content()
        assert body.count("Verdict: Not eligible → Eligible") == 1
        assert sent() == first
        assert states() == ["done"]

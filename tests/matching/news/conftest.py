"""Lin watches her company after her first report; runs and releases follow as the test asks for them."""

import copy
from datetime import date

import pytest
import time_machine

from companies.actions import save_answers
from matching import actions
from matching.jobs import runs
from matching.models import Cause, Run, State
from policies import rulebook
from policies.models import Release
from policies.rules.book import snapshot_digest
from tests.matching.catalogue import SNAPSHOT

DAY = date(2026, 11, 24)


@pytest.fixture
def run_all(silent_bell):
    """Asks for a run of the release in force and does all its steps."""

    def run_once(day: date = DAY) -> Run:
        run = actions.request_run(release=Release.objects.latest(), day=day, cause=Cause.ASKED, by=None)
        while runs.do_next():
            pass
        run.refresh_from_db()
        assert run.state == State.DONE, (run.reason, run.last_error)
        return run

    return run_once


@pytest.fixture
def publish(release):
    """The small catalogue with a change of its offers, or of its policy, as the next release."""

    def publish_one(change=lambda offers: None, of_policy=lambda policy: None) -> Release:
        snapshot = copy.deepcopy(SNAPSHOT)
        change(snapshot["policies"][0]["offers"])
        of_policy(snapshot["policies"][0])
        number = Release.objects.latest().number + 1
        with time_machine.travel(DAY, tick=False):
            return Release.objects.create(number=number, digest=snapshot_digest(snapshot), snapshot=snapshot)

    return publish_one


@pytest.fixture
def answer(lin):
    def give(company, **answers):
        saved = save_answers(company=company, answers=answers, by=lin, vocabulary=rulebook.current().vocabulary)
        assert not saved.faults
        return saved.version

    return give


@pytest.fixture
def watched(version, ask, run_all, company):
    """Lin asked for a report, and the first run is over: whatever changes from now on is news."""
    ask()
    run_all()
    return company


@pytest.fixture
def enter(client):
    def sign_in(person):
        client.force_login(person)
        return client

    return sign_in

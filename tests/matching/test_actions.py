"""Asking, asking again, asking twice, cancelling."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from companies.actions import found_company, save_answers
from matching import actions, jobs, tasks
from matching.models import MatchRequest, State
from policies import rulebook


def test_asking_stores_the_request_before_the_bell_is_rung(
    version, lin, monkeypatch, django_capture_on_commit_callbacks
):
    stored_when_rung = []
    monkeypatch.setattr(tasks, "ring", lambda: stored_when_rung.append(MatchRequest.objects.count()))

    with django_capture_on_commit_callbacks(execute=True):
        actions.request_match(profile_version=version, day=date(2026, 11, 24), by=lin)
        assert stored_when_rung == []

    assert stored_when_rung == [1]


def test_a_bell_that_breaks_harms_nobody(version, lin, monkeypatch, django_capture_on_commit_callbacks):
    def broken():
        raise RuntimeError("the broker is gone")

    monkeypatch.setattr(tasks, "ring", broken)

    with django_capture_on_commit_callbacks(execute=True):
        request = actions.request_match(profile_version=version, day=date(2026, 11, 24), by=lin)

    assert request.state == State.QUEUED


def test_a_broker_that_is_not_there_costs_little_time_and_no_exception(settings, monkeypatch):
    from celery import current_app

    monkeypatch.setattr(current_app.conf, "broker_url", "redis+socket:///nowhere/broker.sock")
    monkeypatch.setattr(current_app.conf, "broker_write_url", "redis+socket:///nowhere/broker.sock")
    before = jobs.COUNTS["rings:failed"]

    assert tasks.ring() is False
    assert jobs.COUNTS["rings:failed"] == before + 1


def test_the_same_key_gives_the_same_request(ask):
    first = ask(key="again")
    jobs.do_next()

    assert ask(key="again") == first
    assert MatchRequest.objects.count() == 1


def test_the_same_key_for_another_day_is_refused(ask):
    ask(key="again", day=date(2026, 11, 24))

    with pytest.raises(actions.KeyUsedDifferently):
        ask(key="again", day=date(2026, 11, 25))


def test_two_companies_may_use_the_same_key(ask, lin, release):
    other = found_company(name="Another", by=lin)
    vocabulary = rulebook.of_release(release.number).vocabulary
    version = save_answers(company=other, answers={"employees": 3}, by=lin, vocabulary=vocabulary).version

    assert ask(key="same") != ask(key="same", profile_version=version)


def test_a_double_click_without_a_key_gives_the_request_that_is_live(ask):
    first = ask(key=None)

    assert ask(key=None) == first
    jobs.do_next()
    assert ask(key=None) != first


def test_who_is_second_with_a_key_gets_the_first_ones_request(ask, monkeypatch):
    first = ask(key="race")
    looks = iter([None, first])
    monkeypatch.setattr(actions, "_asked_before", lambda *args: next(looks))

    assert ask(key="race") == first
    assert MatchRequest.objects.count() == 1


def test_nothing_to_match_against_is_said(lin):
    company = found_company(name="Early bird", by=lin)
    version = actions.version_to_match(company=company, by=lin)

    with pytest.raises(actions.NoReleaseYet):
        actions.request_match(profile_version=version, day=date(2026, 11, 24), by=lin)


def test_a_company_without_answers_gets_one_empty_version(lin):
    company = found_company(name="Only a name", by=lin)

    version = actions.version_to_match(company=company, by=lin)

    assert (version.number, version.answers) == (1, {})
    assert actions.version_to_match(company=company, by=lin) == version


def test_a_waiting_request_can_be_cancelled_and_is_not_done(ask, lin):
    request = ask()

    assert actions.cancel(request=request, by=lin)

    assert not jobs.do_next()
    request.refresh_from_db()
    assert request.state == State.CANCELLED


def test_cancelling_takes_the_request_from_its_worker(ask, lin):
    request = ask()
    lease = jobs.claim()

    assert actions.cancel(request=request, by=lin)

    with pytest.raises(jobs.LeaseLost):
        jobs.renew(lease, done=1, total=3)


def test_what_has_ended_cannot_be_cancelled(ask, lin):
    request = ask()
    jobs.do_next()

    assert not actions.cancel(request=request, by=lin)
    request.refresh_from_db()
    assert request.state == State.DONE


def test_a_failed_request_runs_again_with_fresh_attempts(ask, lin):
    request = ask()
    jobs.give_back(jobs.claim(), reason="engine_fault", detail="x", retry=False)

    assert actions.run_again(request=request, by=lin)

    request.refresh_from_db()
    assert (request.state, request.attempt, request.reason) == (State.QUEUED, 0, "")
    assert jobs.do_next()
    request.refresh_from_db()
    assert request.state == State.DONE


def test_a_done_request_does_not_run_again(ask, lin):
    request = ask()
    jobs.do_next()

    assert not actions.run_again(request=request, by=lin)


def test_nothing_is_stored_when_the_commit_fails(version, lin, silent_bell):
    with pytest.raises(RuntimeError), transaction.atomic():  # noqa: PT012
        actions.request_match(profile_version=version, day=date(2026, 11, 24), by=lin)
        raise RuntimeError("the power is gone")

    assert not MatchRequest.objects.exists()
    assert silent_bell == []


def test_waiting_before_counts_who_comes_first(ask):
    first, second = ask(), ask()

    assert (first.waiting_before(), second.waiting_before()) == (0, 1)
    assert second.run_after - first.run_after < timedelta(minutes=1)

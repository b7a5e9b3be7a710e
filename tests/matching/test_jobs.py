"""The life of a match request: every arrow, every refusal, and what happens when a worker is gone."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import Error, OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from matching import jobs, tasks
from matching.engine.canonical import digest_of
from matching.jobs import matches
from matching.models import MatchReport, MatchRequest, Reason, ReportChanged, State, WorkerPulse


def lease_runs_out(request: MatchRequest) -> None:
    """As if the worker had been silent for longer than its lease."""
    MatchRequest.objects.filter(pk=request.pk).update(lease_until=Now() - timedelta(seconds=1))


def pause_is_over(request: MatchRequest) -> None:
    MatchRequest.objects.filter(pk=request.pk).update(run_after=Now() - timedelta(seconds=1))


def test_a_request_becomes_a_report(ask):
    request = ask()

    assert jobs.do_next()

    request.refresh_from_db()
    assert request.state == State.DONE
    assert request.attempt == 1
    assert request.lease_token is None
    assert request.finished_at is not None
    assert request.report.counts["eligible"] == 1
    assert request.report.counts["ineligible"] == 1
    assert request.report.counts["undetermined"] == 1
    assert request.report.digest == digest_of(request.report.content)


def test_nothing_to_do_is_said(release):
    assert not jobs.do_next()


def test_the_longest_waiting_request_comes_first(ask):
    first, second = ask(), ask()

    assert jobs.claim().row == first.pk
    assert jobs.claim().row == second.pk
    assert jobs.claim() is None


def test_a_hundred_bells_for_one_request_make_one_report(ask, silent_bell):
    ask()

    for _ in range(100):
        tasks.look_for_work()

    assert MatchReport.objects.count() == 1
    assert MatchRequest.objects.get().attempt == 1


def test_a_bell_is_passed_on_while_there_is_more(ask, silent_bell):
    ask(), ask()
    silent_bell.clear()

    tasks.look_for_work()
    tasks.look_for_work()

    assert len(silent_bell) == 1
    assert MatchReport.objects.count() == 2


def test_a_late_write_is_refused(ask):
    request = ask()
    frozen = jobs.claim()
    report = jobs.evaluate(MatchRequest.objects.get(pk=request.pk))
    lease_runs_out(request)
    jobs.return_overdue()
    assert jobs.do_next()

    with pytest.raises(jobs.LeaseLost):
        jobs.finish(frozen, report)

    assert MatchReport.objects.count() == 1
    request.refresh_from_db()
    assert request.attempt == 2


@pytest.mark.parametrize(
    "late_step",
    [
        lambda lease: jobs.renew(lease, done=1, total=3),
        lambda lease: jobs.give_back(lease, reason=Reason.INTERRUPTED, detail=""),
    ],
)
def test_a_worker_that_lost_its_lease_can_do_nothing(ask, late_step):
    request = ask()
    lease = jobs.claim()
    lease_runs_out(request)
    jobs.return_overdue()

    with pytest.raises(jobs.LeaseLost):
        late_step(lease)

    request.refresh_from_db()
    assert request.state == State.QUEUED


def test_a_lease_in_time_is_not_taken_away(ask):
    request = ask()
    lease = jobs.claim()

    assert jobs.return_overdue() == 0
    jobs.renew(lease, done=2, total=3)

    request.refresh_from_db()
    assert (request.state, request.progress_done, request.progress_total) == (State.RUNNING, 2, 3)


def test_a_silent_worker_loses_the_request_and_another_gets_it(ask):
    request = ask()
    jobs.claim()
    lease_runs_out(request)

    assert jobs.return_overdue() == 1
    assert jobs.return_overdue() == 0

    request.refresh_from_db()
    assert (request.state, request.reason) == (State.QUEUED, Reason.WORKER_LOST)
    assert jobs.do_next()
    request.refresh_from_db()
    assert (request.state, request.reason, request.attempt) == (State.DONE, "", 2)


def test_a_poisonous_request_is_set_aside_after_five_attempts_and_others_go_on(ask):
    poison, healthy = ask(), ask()

    for attempt in range(1, 6):
        lease = jobs.claim()
        assert lease.row == poison.pk, attempt
        lease_runs_out(poison)
        jobs.return_overdue()
        pause_is_over(poison)
        MatchRequest.objects.filter(pk=poison.pk, state=State.QUEUED).update(
            run_after=healthy.run_after - timedelta(hours=1)
        )

    poison.refresh_from_db()
    assert (poison.state, poison.attempt, poison.reason) == (State.FAILED, 5, Reason.WORKER_LOST)
    assert jobs.do_next()
    healthy.refresh_from_db()
    assert healthy.state == State.DONE
    assert not jobs.do_next()


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 0), (2, 5), (3, 30), (4, 120)])
def test_each_attempt_waits_longer_than_the_one_before(ask, attempt, seconds):
    request = ask()
    lease = jobs.claim()
    MatchRequest.objects.filter(pk=request.pk).update(attempt=attempt)

    jobs.give_back(lease, reason=Reason.INTERRUPTED, detail="")

    waiting = MatchRequest.objects.annotate(pause=F("run_after") - Now()).get(pk=request.pk)
    assert waiting.state == State.QUEUED
    assert timedelta(seconds=seconds - 2) <= waiting.pause <= timedelta(seconds=seconds + 1)


def test_a_paused_request_is_not_runnable(ask):
    request = ask()
    MatchRequest.objects.filter(pk=request.pk).update(run_after=Now() + timedelta(seconds=60))

    assert jobs.claim() is None
    assert not MatchRequest.objects.runnable().exists()


@pytest.mark.parametrize(
    ("fault", "state", "reason"),
    [
        (OperationalError("the server closed the connection"), State.QUEUED, Reason.INTERRUPTED),
        (MemoryError(), State.QUEUED, Reason.OUT_OF_MEMORY),
        (jobs.TimeUp(), State.QUEUED, Reason.TIME_LIMIT),
        (jobs.ReleaseUnreadable("1"), State.FAILED, Reason.RELEASE_UNREADABLE),
        (ZeroDivisionError("revenue 12345678"), State.FAILED, Reason.ENGINE_FAULT),
    ],
)
def test_a_fault_ends_the_attempt_with_its_reason(ask, monkeypatch, fault, state, reason):
    request = ask()

    def fail(*args, **kwargs):
        raise fault

    monkeypatch.setattr(matches, "make_report", fail)
    assert jobs.do_next()

    request.refresh_from_db()
    assert (request.state, request.reason) == (state, reason)
    assert type(fault).__name__ in request.last_error
    assert "12345678" not in request.last_error
    assert not MatchReport.objects.exists()


def test_a_crash_between_report_and_state_leaves_neither(ask, monkeypatch):
    request = ask()
    lease = jobs.claim()
    report = jobs.evaluate(MatchRequest.objects.get(pk=request.pk))

    class PowerCut(BaseException):
        pass

    def cut(*args, **kwargs):
        raise PowerCut

    with monkeypatch.context() as patched:
        patched.setattr(MatchReport.objects.__class__, "create", cut)
        with pytest.raises(PowerCut):
            jobs.finish(lease, report)

    request.refresh_from_db()
    assert request.state == State.RUNNING
    assert not MatchReport.objects.exists()
    lease_runs_out(request)
    jobs.return_overdue()
    jobs.do_next()
    assert MatchReport.objects.count() == 1


def test_work_that_takes_too_long_is_stopped(ask, monkeypatch):
    request = ask()
    monkeypatch.setattr(matches, "TIME_LIMIT", timedelta(seconds=-1))

    assert jobs.do_next()

    request.refresh_from_db()
    assert (request.state, request.reason, request.attempt) == (State.QUEUED, Reason.TIME_LIMIT, 1)


def test_the_sweep_rings_no_more_bells_than_there_are_workers(ask, silent_bell):
    for _ in range(5):
        ask()
    silent_bell.clear()

    tasks.sweep()

    assert len(silent_bell) == 2


def test_the_sweep_is_silent_when_nothing_waits(release, silent_bell):
    tasks.sweep()

    assert silent_bell == []


def test_the_sweep_may_run_twice(ask, silent_bell):
    request = ask()
    jobs.claim()
    lease_runs_out(request)

    tasks.sweep()
    tasks.sweep()

    request.refresh_from_db()
    assert (request.state, request.attempt) == (State.QUEUED, 1)


def test_a_worker_gives_signs_of_life_but_not_at_every_step(db, django_assert_num_queries):
    jobs.beat("worker@one")

    with django_assert_num_queries(2):
        jobs.beat("worker@one")

    assert WorkerPulse.objects.alive().count() == 1
    WorkerPulse.objects.update(beat_at=Now() - timedelta(seconds=31))
    assert not WorkerPulse.objects.alive().exists()


def test_a_stored_report_never_changes(ask):
    ask()
    jobs.do_next()
    report = MatchReport.objects.get()
    report.content = "{}"

    with pytest.raises(ReportChanged):
        report.save()
    with pytest.raises(ReportChanged):
        MatchReport.objects.update(content="{}")
    with pytest.raises(Error, match="never changes"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE matching_matchreport SET content = '{}'")


@pytest.mark.parametrize(
    "nonsense",
    [
        {"state": State.RUNNING},
        {"lease_token": uuid4()},
        {"lease_until": Now()},
        {"state": "lost"},
        {"state": State.FAILED, "finished_at": Now()},
        {"state": State.DONE},
        {"finished_at": Now()},
        {"attempt": 6},
        {"progress_done": 1},
        {"reason": "bad luck"},
    ],
)
def test_the_database_refuses_states_that_make_no_sense(ask, nonsense):
    request = ask()

    with pytest.raises(Error), transaction.atomic():
        MatchRequest.objects.filter(pk=request.pk).update(**nonsense)


def test_somebody_who_asks_for_many_reports_does_not_make_another_wait_for_all_of_them(ask, wei):
    many = [ask() for _ in range(5)]
    single = ask(by=wei)

    taken = [jobs.claim().row for _ in range(3)]

    assert single.pk in taken
    assert set(taken) <= {single.pk, *(one.pk for one in many[:2])}

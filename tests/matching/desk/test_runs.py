"""Runs at the desk: who looks and who acts, how far they are, what they found, and how one is stopped and asked again."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from companies.actions import found_company, save_answers
from companies.models import Company
from matching import actions, jobs, tasks
from matching.jobs import runs
from matching.models import Cause, Reason, Run, RunOffer, State, VerdictChange, WorkerPulse
from policies import rulebook
from policies.models import Release
from policies.rules.book import snapshot_digest
from tests.matching.catalogue import SNAPSHOT
from tests.policies.conftest import staff

LIST = "/desk/runs/"


@pytest.fixture
def company(lin, release, silent_bell):
    """A company with 40 employees that is established."""
    found = found_company(name="Qinghe Biotech", by=lin)
    answers = {"established": True, "employees": 40}
    vocabulary = rulebook.current().vocabulary
    assert not save_answers(company=found, answers=answers, by=lin, vocabulary=vocabulary).faults
    return found


@pytest.fixture
def run(company, fang):
    """A run that waits."""
    return actions.ask_for_run(by=fang)


def publish(number=2, employees=30):
    """The small catalogue as the next release, with another threshold for the large team."""
    snapshot = copy.deepcopy(SNAPSHOT)
    snapshot["policies"][0]["offers"][1]["requires"]["all"][0]["when"] = f"employees >= {employees}"
    return Release.objects.create(number=number, digest=snapshot_digest(snapshot), snapshot=snapshot)


def finish(found):
    while runs.do_next():
        pass
    found.refresh_from_db()
    assert found.state == State.DONE, (found.state, found.reason)
    return found


def page_of(found, name="run"):
    return reverse(f"desk:{name}", args=[found.public_id])


def said(answer):
    return answer.content.decode()


@pytest.mark.parametrize("role", ["curator", "reviewer", "publisher"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_people_of_the_desk_look_at_runs(enter, run, role, language):
    client = enter(staff(role, role))
    client.cookies["django_language"] = language

    for path in (LIST, page_of(run), page_of(run, "run_progress")):
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("role", ["analyst", "support", "nobody"])
def test_for_everybody_else_there_are_no_runs(enter, run, role):
    client = enter(staff("other", role))

    for path in (LIST, page_of(run), page_of(run, "run_progress"), reverse("desk:runs_of_release", args=[1])):
        assert client.get(path).status_code == 404, path


@pytest.mark.parametrize("role", ["curator", "reviewer"])
def test_who_does_not_publish_finds_no_buttons_and_presses_none(enter, run, role):
    person = staff("other", role)
    client = enter(person)

    assert "<textarea" not in said(client.get(page_of(run)))
    assert 'name="day"' not in said(client.get(LIST))
    for path in (reverse("desk:run_ask"), page_of(run, "run_cancel"), page_of(run, "run_repeat")):
        assert client.post(path).status_code == 404
    for act in (
        lambda: actions.cancel_run(run=run, by=person),
        lambda: actions.repeat_run(run=run, by=person),
        lambda: actions.ask_for_run(by=person),
    ):
        with pytest.raises(PermissionDenied):
            act()
    run.refresh_from_db()
    assert run.state == State.QUEUED


def test_a_publisher_asks_for_a_run_and_is_led_to_it(enter, company, fang):
    answer = enter(fang).post(reverse("desk:run_ask"), {"day": ""})

    run = Run.objects.get()
    assert answer.url == page_of(run)
    assert (run.cause, run.trial, run.day, run.asked_by) == (Cause.ASKED, False, timezone.localdate(), fang)


def test_another_day_is_a_trial_and_a_day_without_sense_is_refused_at_its_field(enter, company, fang):
    client = enter(fang)
    day = timezone.localdate() + timedelta(days=40)

    client.post(reverse("desk:run_ask"), {"day": day.isoformat()})
    refused = client.post(reverse("desk:run_ask"), {"day": "1066-10-14"})

    assert (Run.objects.get().trial, Run.objects.get().day) == (True, day)
    assert refused.status_code == 400
    assert "2000-01-01" in said(refused)


def test_asking_before_anything_was_published_says_so(enter, db, fang):
    answer = enter(fang).post(reverse("desk:run_ask"), {"day": ""})

    assert answer.status_code == 400
    assert "No policies have been published yet." in said(answer)


def test_asking_twice_leads_to_the_same_run(enter, run, fang):
    answer = enter(fang).post(reverse("desk:run_ask"), {"day": ""})

    assert answer.url == page_of(run)
    assert Run.objects.count() == 1


def test_the_page_says_how_far_the_run_is(enter, run, fang, monkeypatch, lin):
    monkeypatch.setattr(runs, "PART", 1)
    other = found_company(name="Second", by=lin)
    actions.version_to_match(company=other, by=lin)
    WorkerPulse.objects.create(name="w")
    client = enter(fang)
    assert "It waits for its turn." in said(client.get(page_of(run)))
    runs.do_next()

    page, part = said(client.get(page_of(run))), said(client.get(page_of(run, "run_progress")))

    for text in (page, part):
        assert "Companies matched: 1 of 2" in text
        assert "Between two steps" in text
        assert f'hx-get="{page_of(run, "run_progress")}"' in text
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "1 / 2" in said(client.get(LIST))


def test_the_page_says_that_no_worker_lives_and_what_failed(enter, run, fang, monkeypatch):
    monkeypatch.setattr(runs, "TIME_LIMIT", timedelta(seconds=-1))
    runs.do_next()

    text = said(enter(fang).get(page_of(run)))

    assert "No worker has given a sign of life" in text
    assert "Attempt 1 of 5" in text
    assert "longer than the time limit" in text


def test_the_moving_part_leads_to_the_whole_page_when_the_run_has_ended(enter, run, fang):
    finish(run)

    answer = enter(fang).get(page_of(run, "run_progress"))

    assert answer.headers["HX-Redirect"] == page_of(run)


def test_what_changed_is_told_by_offer_and_names_no_company(enter, run, fang):
    finish(run)
    publish()
    second = Run.objects.exclude(pk=run.pk).get()
    finish(second)

    answer = enter(fang).get(page_of(second))

    changes = answer.context["changes"]
    told = [(one.offer, [(m.before.en, m.after.en, m.companies) for m in one.moves]) for one in changes.offers]
    assert told == [("cp-small-2026/large-team", [("not eligible", "eligible", 1)])]
    assert changes.companies == 1
    assert [(cause.en, n) for cause, n in changes.causes] == [("the rules had changed", 1)]
    text = said(answer)
    assert "not eligible → eligible: 1" in text
    assert "1 (+1)" in text
    assert "Qinghe" not in text


def test_an_amount_that_changed_is_told_as_such(enter, run, fang, company, lin):
    vocabulary = rulebook.current().vocabulary
    for spent in ("2000000", "3000000"):
        save_answers(company=company, answers={"rd_expense_y1": spent}, by=lin, vocabulary=vocabulary)
        found = finish(actions.ask_for_run(by=fang))

    assert "eligible, another amount: 1" in said(enter(fang).get(page_of(found)))


def test_offers_that_came_and_went_keep_their_titles(enter, run, fang):
    finish(run)
    snapshot = copy.deepcopy(SNAPSHOT)
    snapshot["policies"][0]["offers"][0] |= {"offer": "new-one", "title": {"en": "A new one", "zh": "新事项"}}
    Release.objects.create(number=2, digest=snapshot_digest(snapshot), snapshot=snapshot)
    second = finish(Run.objects.latest("pk"))

    changes = enter(fang).get(page_of(second)).context["changes"]

    told = {one.title.en: [(m.before.en, m.after.en) for m in one.moves] for one in changes.offers}
    assert told == {"A new one": [("not offered", "eligible")], "founding-reward": [("eligible", "not offered")]}


def test_counts_over_all_companies_are_for_those_who_may_see_them(enter, run):
    finish(run)
    person = staff("narrow")
    person.user_permissions.add(Permission.objects.get(codename="publish_version"))

    answer = enter(person).get(page_of(run))

    assert answer.status_code == 200
    assert "counts" not in answer.context
    assert "changes" not in answer.context
    assert "may see counts over all companies" in said(answer)


def test_pages_cost_the_same_few_queries_for_any_number_of_runs_offers_and_companies(enter, run, fang, lin):
    client = enter(fang)
    finish(run)
    publish()
    second = finish(Run.objects.latest("pk"))

    def queries(path):
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        return len(asked)

    few = queries(LIST), queries(page_of(second))
    for number in range(5):
        company = found_company(name=f"More {number}", by=lin)
        save_answers(company=company, answers={"employees": 35}, by=lin, vocabulary=rulebook.current().vocabulary)
    finish(actions.ask_for_run(by=fang))
    publish(3, employees=36)
    third = finish(Run.objects.latest("pk"))

    assert third.changed == 5
    assert (queries(LIST), queries(page_of(third))) == few
    assert few == (7, 13)


def test_the_moving_part_costs_the_same_few_queries_for_any_number_of_runs_before_it(enter, run, fang):
    client = enter(fang)
    last = run

    def queries(path):
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        return len(asked)

    few = queries(page_of(run, "run_progress"))
    for number in range(4):
        last = actions.ask_for_run(by=fang, day=timezone.localdate() + timedelta(days=1 + number))

    assert "Runs before it: 4" in said(client.get(page_of(last, "run_progress")))
    assert queries(page_of(last, "run_progress")) == few == 8


def test_the_list_has_pages(enter, release, fang):
    for number in range(31):
        day = timezone.localdate() - timedelta(days=number)
        Run.objects.create(
            release=release, day=day, cause=Cause.DAY, state=State.DONE, finished_at=timezone.now(), sequence=number + 1
        )
    client = enter(fang)

    assert said(client.get(LIST)).count("/desk/runs/") > 30
    assert "Newer" in said(client.get(f"{LIST}?page=2"))
    assert client.get(f"{LIST}?page=nonsense").status_code == 200


def test_a_cancelled_run_says_who_when_and_why_as_text(enter, run, fang):
    client = enter(fang)
    client.post(page_of(run, "run_cancel"), {"why": "<b>wrong</b> release"})

    text = said(client.get(page_of(run)))

    run.refresh_from_db()
    assert (run.state, run.cancelled_by, run.why_cancelled) == (State.CANCELLED, fang, "<b>wrong</b> release")
    assert "fang@example.com" in text
    assert "&lt;b&gt;wrong&lt;/b&gt; release" in text


@pytest.mark.parametrize("why", ["x" * 5001, "a\x00b"])
def test_a_reason_that_cannot_be_kept_cancels_nothing(enter, run, fang, why):
    answer = enter(fang).post(page_of(run, "run_cancel"), {"why": why}, follow=True)

    run.refresh_from_db()
    assert run.state == State.QUEUED
    assert "Nothing was done" in said(answer)


def test_a_worker_cannot_store_a_step_of_a_cancelled_run(run, fang):
    lease = runs.claim()
    seen = Run.objects.get(pk=run.pk)
    part = runs.evaluate(seen, 0)

    assert actions.cancel_run(run=run, by=fang)

    with pytest.raises(jobs.LeaseLost):
        runs.keep(lease, seen, 0, part, [])
    with pytest.raises(jobs.LeaseLost):
        runs.finish(lease, seen, None, lambda: None)
    run.refresh_from_db()
    assert run.state == State.CANCELLED
    assert not run.parts.exists()
    assert not RunOffer.objects.filter(run=run).exists()


def test_a_worker_whose_run_is_cancelled_in_the_middle_of_a_step_goes_on_to_the_next_run(run, fang, monkeypatch):
    behind = actions.request_run(release=run.release, day=run.day + timedelta(days=1), cause=Cause.DAY, by=None)
    at_once = runs.evaluate_part

    def meanwhile(*args):
        actions.cancel_run(run=run, by=fang)
        return at_once(*args)

    with monkeypatch.context() as patched:
        patched.setattr(runs, "evaluate_part", meanwhile)
        assert runs.do_next()
    run.refresh_from_db()
    assert (run.state, run.reason) == (State.CANCELLED, Reason.NONE)

    finish(behind)


def test_the_sweep_does_not_wake_a_cancelled_run(run, fang):
    runs.claim()
    actions.cancel_run(run=run, by=fang)

    tasks.sweep()

    run.refresh_from_db()
    assert run.state == State.CANCELLED
    assert not runs.do_next()


def test_the_bell_is_rung_for_the_run_behind_a_cancelled_one(
    run, fang, silent_bell, django_capture_on_commit_callbacks
):
    silent_bell.clear()
    with django_capture_on_commit_callbacks(execute=True):
        actions.cancel_run(run=run, by=fang)

    assert len(silent_bell) == 1


def test_what_a_cancelled_run_found_is_told_to_nobody_and_taken_away(run, fang, lin, company, monkeypatch):
    finish(run)
    vocabulary = rulebook.current().vocabulary
    save_answers(company=company, answers={"employees": 2000}, by=lin, vocabulary=vocabulary)
    half = actions.ask_for_run(by=fang)
    assert runs.do_next()
    assert half.changes.count() == 1

    actions.cancel_run(run=half, by=fang)

    assert not VerdictChange.objects.visible_to(lin).exists()
    again = finish(actions.repeat_run(run=half, by=fang))
    assert (again.compared_with, again.changed) == (run, 1)
    assert not half.changes.exists()
    assert not half.parts.exists()


def test_a_run_that_has_ended_is_not_cancelled(enter, run, fang):
    finish(run)
    digest = run.digest

    answer = enter(fang).post(page_of(run, "run_cancel"), follow=True)

    run.refresh_from_db()
    assert (run.state, run.digest, run.cancelled_by) == (State.DONE, digest, None)
    assert "This run had already ended." in said(answer)


def test_the_cancelled_run_of_the_day_does_not_come_again_by_itself_but_by_asking(company, fang):
    tasks.run_of_the_day()
    run = Run.objects.get()
    actions.cancel_run(run=run, by=fang)

    tasks.run_of_the_day()

    assert Run.objects.count() == 1
    again = actions.ask_for_run(by=fang)
    assert (again.release, again.day, again.trial) == (run.release, run.day, False)
    assert again != run
    finish(again)


def test_the_next_day_and_the_next_release_come_by_themselves_after_a_cancelled_run(company, fang):
    tasks.run_of_the_day()
    actions.cancel_run(run=Run.objects.get(), by=fang)

    tomorrow = runs.open_run_of(timezone.localdate() + timedelta(days=1))
    release = publish()

    assert tomorrow.state == State.QUEUED
    assert Run.objects.get(release=release).state == State.QUEUED


def test_a_failed_run_is_asked_for_again_once(enter, run, fang, monkeypatch):
    Run.objects.filter(pk=run.pk).update(state=State.FAILED, reason=Reason.TIME_LIMIT, finished_at=timezone.now())
    client = enter(fang)
    assert "longer than the time limit" in said(client.get(LIST))
    assert "Run again" in said(client.get(page_of(run)))

    first = client.post(page_of(run, "run_repeat"))
    second = client.post(page_of(run, "run_repeat"))

    assert first.url == second.url == page_of(Run.objects.latest("pk"))
    assert Run.objects.count() == 2


def test_a_run_of_a_release_that_is_over_is_asked_for_again_as_of_what_is_in_force(run, fang):
    actions.cancel_run(run=run, by=fang)
    Run.objects.filter(pk=run.pk).update(day=timezone.localdate() - timedelta(days=3))
    release = publish()
    Run.objects.filter(release=release).delete()
    run.refresh_from_db()

    again = actions.repeat_run(run=run, by=fang)

    assert (again.release, again.day, again.trial) == (release, timezone.localdate(), False)


def test_a_cancelled_trial_is_asked_for_again_as_it_was(company, fang):
    day = timezone.localdate() + timedelta(days=9)
    trial = actions.ask_for_run(by=fang, day=day)
    actions.cancel_run(run=trial, by=fang)
    trial.refresh_from_db()

    again = actions.repeat_run(run=trial, by=fang)

    assert (again.release, again.day, again.trial) == (trial.release, day, True)
    assert again != trial


def test_a_run_that_is_done_or_under_way_is_not_run_again(enter, run, fang):
    client = enter(fang)

    answer = client.post(page_of(run, "run_repeat"), follow=True)

    assert "not one that failed or was cancelled" in said(answer)
    assert Run.objects.count() == 1


def test_a_release_leads_to_its_run(enter, company, fang):
    client = enter(fang)
    release = publish()
    run = Run.objects.get(release=release)
    page = reverse("desk:releases")

    assert reverse("desk:runs_of_release", args=[2]) in said(client.get(page))
    assert client.get(reverse("desk:runs_of_release", args=[2])).url == page_of(run)
    answer = client.get(reverse("desk:runs_of_release", args=[1]), follow=True)
    assert "There was no run of release 1." in said(answer)
    assert LIST in said(client.get(reverse("desk:home")))


def test_only_a_cancelled_run_names_who_cancelled_it(run, fang):
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.filter(pk=run.pk).update(cancelled_by=fang)


def test_an_unknown_run_is_not_found(enter, run, fang):
    client = enter(fang)
    Company.objects.all().delete()
    Run.objects.filter(pk=run.pk).delete()

    for name in ("run", "run_progress"):
        assert client.get(page_of(run, name)).status_code == 404
    for name in ("run_cancel", "run_repeat"):
        assert client.post(page_of(run, name)).status_code == 404

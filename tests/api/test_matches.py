"""Matches and reports over the API: accepted, waited for, read in several forms, and seen by nobody else."""

from __future__ import annotations

import json
import threading
from datetime import date

import pytest

from companies.actions import partners as partner_actions
from matching import jobs, tasks
from matching.actions import request_match, version_to_match
from matching.api import waiting
from matching.models import MatchReport, MatchRequest, State
from policies.models import Release

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def silent_bell(monkeypatch):
    monkeypatch.setattr(tasks, "ring", lambda: True)


@pytest.fixture
def asked(sent, vocabulary):
    """What is sent to ask for a match of the partner's company."""
    return {"company": str(sent.company.public_id), "on": "2026-11-25"}


@pytest.fixture
def report(call, asked) -> MatchReport:
    call("POST", "matches", asked)
    jobs.do_next()
    return MatchReport.objects.get()


def test_a_match_is_accepted_and_leads_to_its_report(call, asked):
    answer = call("POST", "matches", asked)

    assert (answer.status_code, answer.headers["Retry-After"]) == (202, "1")
    assert (answer.json()["state"], answer.json()["report"], answer.json()["day"]) == ("queued", None, "2026-11-25")
    address = answer.headers["Location"].removeprefix("/api/v1/")
    assert call("GET", address).json() == answer.json()

    jobs.do_next()

    ended = call("GET", address).json()
    assert (ended["state"], ended["progress"]) == ("done", {"done": 3, "total": 3})
    report = call("GET", ended["report"].removeprefix("/api/v1/"))
    assert report.content.decode() == MatchReport.objects.get().content
    assert report.json()["subject"]["name"] == "绿洲生物"


def test_who_prefers_to_wait_gets_the_end_in_one_answer(call, asked, monkeypatch):
    def look(match):
        jobs.do_next()
        return True

    monkeypatch.setattr(waiting, "_has_ended", look)

    answer = call("POST", "matches", asked, prefer="respond-async, wait=2", **{"idempotency-key": "k"})

    assert (answer.status_code, answer.headers["Preference-Applied"]) == (201, "wait=2")
    assert answer.json()["report"] is not None
    again = call("POST", "matches", asked, prefer="wait=2", **{"idempotency-key": "k"})
    assert (again.status_code, again.content) == (201, answer.content)


def test_nobody_waits_longer_than_is_allowed(call, asked, monkeypatch):
    passed = iter(range(0, 1000, 4))
    monkeypatch.setattr(waiting.time, "monotonic", lambda: float(next(passed)))
    monkeypatch.setattr(waiting.time, "sleep", lambda _seconds: None)

    answer = call("POST", "matches", asked, prefer="wait=9999")

    assert (answer.status_code, answer.headers["Preference-Applied"]) == (202, "wait=10")
    assert next(passed) <= 24


@pytest.mark.parametrize("prefer", ["wait=0", "wait=-1", "wait=x", "wait", "waits=3", "wait=99999"])
def test_a_preference_that_says_nothing_is_left_aside(call, asked, prefer):
    answer = call("POST", "matches", asked, prefer=prefer)

    assert (answer.status_code, "Preference-Applied" in answer.headers) == (202, False)


def test_where_too_many_wait_the_next_one_does_not(call, asked, monkeypatch):
    monkeypatch.setattr(waiting, "_places", threading.BoundedSemaphore(1))
    waiting._places.acquire()

    answer = call("POST", "matches", asked, prefer="wait=9")

    assert (answer.status_code, "Preference-Applied" in answer.headers) == (202, False)


def test_asked_twice_before_it_ended_is_one_match(call, asked):
    assert call("POST", "matches", asked).json()["id"] == call("POST", "matches", asked).json()["id"]


def test_the_match_of_another_is_not_given_for_ones_own(call, asked, sent, other_partner, lin):
    partner_actions.agree(company=sent.company, partner=other_partner, by=lin)
    version = version_to_match(company=sent.company, by=other_partner)
    theirs = request_match(profile_version=version, day=date(2026, 11, 25), by=other_partner)

    assert call("POST", "matches", asked).json()["id"] != str(theirs.public_id)
    assert MatchRequest.objects.count() == 2


def test_another_release_can_be_asked_for(call, asked, release):
    Release.objects.create(number=2, digest=release.digest, snapshot=release.snapshot)

    matches = [call("POST", "matches", {**asked, "release": number}).json()["release"] for number in (1, 2, None)]

    assert matches == [1, 2, 2]


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"company": None}, "/company", "missing"),
        ({"company": 7}, "/company", "unknown_company"),
        ({"company": "8e1f0f9c-0000-4000-8000-000000000000"}, "/company", "unknown_company"),
        ({"company": "x\ty"}, "/company", "unknown_company"),
        ({"on": "soon"}, "/on", None),
        ({"release": 7}, "/release", "unknown_release"),
        ({"release": 10**30}, "/release", "unknown_release"),
        ({"state": "done"}, "/state", "unknown_field"),
        ({"report": "x"}, "/report", "unknown_field"),
    ],
)
def test_what_cannot_be_used_is_named(call, asked, changes, pointer, code):
    answer = call("POST", "matches", {**asked, **changes})

    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], code in (None, fault["code"])) == (pointer, True)
    assert MatchRequest.objects.count() == 0


def test_before_there_is_a_release_it_says_so(call, sent):
    assert call("POST", "matches", {"company": str(sent.company.public_id)}).status_code == 503


def test_a_match_is_cancelled_once_and_stays_so(call, asked):
    address = call("POST", "matches", asked).headers["Location"].removeprefix("/api/v1/")

    states = [call("POST", f"{address}/cancel").json()["state"] for _ in range(2)]

    assert states == ["cancelled", "cancelled"]
    assert MatchRequest.objects.get().state == State.CANCELLED


def test_a_match_that_has_ended_is_not_cancelled(call, report):
    answer = call("POST", f"matches/{report.request.public_id}/cancel")

    assert answer.json()["state"] == "done"


def test_matches_are_listed_by_company_and_state(call, report, asked, partner):
    other = partner_actions.send_company(partner=partner, name="x")
    call("POST", "matches", {**asked, "company": str(other.company.public_id)})

    def listed(words):
        return [one["state"] for one in call("GET", f"matches{words}").json()["results"]]

    assert listed("") == ["queued", "done"]
    assert listed("?state=done") == ["done"]
    assert listed(f"?company={other.company.public_id}") == ["queued"]
    assert listed("?company=8e1f0f9c-0000-4000-8000-000000000000") == []


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("text/html;q=0.5, text/plain;q=0.9", "text/plain; charset=utf-8"),
        ("text/html", "text/html; charset=utf-8"),
        ("application/pdf", "application/pdf"),
        ("text/calendar", "text/calendar; charset=utf-8"),
    ],
)
def test_a_report_comes_in_the_form_that_is_accepted(call, report, accept, kind):
    answer = call("GET", f"reports/{report.public_id}", accept=accept)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, kind)
    assert {"Accept", "Accept-Language"} <= set(answer.headers["Vary"].split(", "))


def test_the_address_may_name_the_form_whatever_is_accepted(call, report):
    answer = call("GET", f"reports/{report.public_id}?format=text", accept="image/png")

    assert answer.headers["Content-Type"].startswith("text/plain")


def test_a_form_that_is_not_there_is_a_problem(call, report):
    assert call("GET", f"reports/{report.public_id}", accept="image/png").status_code == 406
    assert call("GET", f"reports/{report.public_id}?format=docx").status_code == 422


def test_a_report_for_reading_is_in_the_callers_language(call, report):
    english, chinese = (
        call("GET", f"reports/{report.public_id}?format=text", **{"accept-language": one}).content.decode()
        for one in ("en", "zh-CN")
    )

    assert "Policy report for" in english
    assert "Policy report for" not in chinese


def test_who_has_a_report_is_told_so(call, report):
    etag = call("GET", f"reports/{report.public_id}").headers["ETag"]

    assert call("GET", f"reports/{report.public_id}", **{"if-none-match": etag}).status_code == 304


def test_the_problem_of_a_missing_report_is_json_in_any_form(call, report):
    answer = call("GET", "reports/8e1f0f9c-0000-4000-8000-000000000000", accept="text/plain")

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert json.loads(answer.content)["status"] == 404


def test_a_report_is_gone_with_the_consent(call, sent, report, lin):
    partner_actions.withdraw(link=sent, by=lin)

    assert call("GET", f"reports/{report.public_id}").status_code == 404
    assert call("GET", f"matches/{report.request.public_id}").status_code == 404
    assert call("GET", "matches").json()["results"] == []


def test_lists_and_reports_take_a_few_questions_only(call, report, asked, partner, django_assert_num_queries):
    match = report.request.public_id
    for number in range(10):
        link = partner_actions.send_company(partner=partner, name=f"c{number}")
        call("POST", "matches", {**asked, "company": str(link.company.public_id)})

    with django_assert_num_queries(2):  # the key, the matches
        assert len(call("GET", "matches").json()["results"]) == 11
    with django_assert_num_queries(2):
        call("GET", f"matches/{match}")
    with django_assert_num_queries(2):
        call("GET", f"reports/{report.public_id}")

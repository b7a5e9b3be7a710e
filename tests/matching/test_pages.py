"""The pages: ask, wait, read; and that strangers see nothing of them."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from matching import jobs
from matching.models import MatchReport, MatchRequest, Reason, State, WorkerPulse
from matching.rendering import blocks
from matching.rendering.forms import FORMS


@pytest.fixture
def request_(ask):
    return ask()


@pytest.fixture
def report(request_):
    jobs.do_next()
    return MatchReport.objects.get()


DOORS = [
    ("get", "ask"), ("post", "ask"), ("get", "waiting"), ("get", "progress"), ("post", "cancel"),
    ("post", "run_again"), ("get", "report"),
    *(("get", f"report_file {form}") for form in FORMS),
]  # fmt: skip


def address(name, company, request, report):
    what = {"ask": company.public_id}.get(name) or (report if name.startswith("report") else request).public_id
    return at(name, what)


def at(name, what):
    name, *form = name.split()
    return reverse(f"matching:{name}", args=[what, *form])


@pytest.mark.parametrize(("method", "name"), DOORS)
@pytest.mark.parametrize("who", ["lin", "wei"])
def test_members_may_enter(client, request, company, request_, report, who, method, name):
    client.force_login(request.getfixturevalue(who))

    answer = getattr(client, method)(address(name, company, request_, report))

    assert answer.status_code in (200, 302)
    assert "/accounts/" not in answer.headers.get("Location", "")


@pytest.mark.parametrize(("method", "name"), DOORS)
def test_a_stranger_finds_nothing(client, zhou, company, request_, report, method, name):
    client.force_login(zhou)
    before = MatchRequest.objects.values_list("state", "attempt").get(pk=request_.pk)

    theirs = getattr(client, method)(address(name, company, request_, report))
    missing = getattr(client, method)(at(name, uuid4()))

    assert (theirs.status_code, missing.status_code) == (404, 404)
    assert company.name.encode() not in theirs.content
    assert MatchRequest.objects.values_list("state", "attempt").get(pk=request_.pk) == before


@pytest.mark.parametrize(("method", "name"), DOORS)
def test_nobody_is_asked_to_sign_in(client, company, request_, report, method, name):
    answer = getattr(client, method)(address(name, company, request_, report))

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", ["cancel", "run_again"])
def test_looking_changes_nothing(client, lin, request_, name):
    client.force_login(lin)

    assert client.get(reverse(f"matching:{name}", args=[request_.public_id])).status_code == 405


def test_from_asking_to_reading(client, lin, company, version, silent_bell):
    client.force_login(lin)

    asked = client.post(reverse("matching:ask", args=[company.public_id]))
    request = MatchRequest.objects.get()
    assert asked.headers["Location"] == reverse("matching:waiting", args=[request.public_id])
    assert request.day == timezone.localdate()

    waiting = client.get(asked.headers["Location"])
    assert b"waits for its turn" in waiting.content
    assert b'http-equiv="refresh"' in waiting.content

    jobs.do_next()
    done = client.get(asked.headers["Location"])
    assert done.headers["Location"] == reverse("matching:report", args=[request.report.public_id])
    page = client.get(done.headers["Location"]).content.decode()
    assert "Eligible" in page
    assert "CNY 500,000" in page
    assert "#fact-rd_expense_y1" in page


def test_the_waiting_part_sends_the_browser_on(client, lin, request_):
    client.force_login(lin)
    jobs.do_next()

    answer = client.get(reverse("matching:progress", args=[request_.public_id]), headers={"HX-Request": "true"})

    assert answer.headers["HX-Redirect"] == reverse("matching:report", args=[request_.report.public_id])


def test_who_waits_is_told_how_it_stands(client, lin, request_, ask):
    second = ask()
    client.force_login(lin)

    def seen(request):
        return client.get(reverse("matching:progress", args=[request.public_id])).content.decode()

    assert "Requests before yours: 1" in seen(second)
    assert "No worker has given a sign of life" in seen(second)
    WorkerPulse.objects.create(name="w@one")
    assert "No worker" not in seen(second)
    lease = jobs.claim()
    jobs.renew(lease, done=1, total=3)
    assert "Offers checked: 1 of 3" in seen(request_)
    jobs.give_back(lease, reason=Reason.INTERRUPTED, detail="")
    MatchRequest.objects.filter(pk=request_.pk).update(run_after=Now() + timedelta(minutes=1))
    assert "The next attempt starts at" in seen(request_)
    assert "hx-get" in seen(request_)


def test_a_failed_match_says_why_and_can_run_again(client, lin, request_):
    client.force_login(lin)
    jobs.give_back(jobs.claim(), reason=Reason.ENGINE_FAULT, detail="x", retry=False)

    page = client.get(reverse("matching:waiting", args=[request_.public_id])).content.decode()
    assert "The engine failed on this profile" in page
    assert "Run again" in page
    assert "hx-get" not in page
    client.post(reverse("matching:run_again", args=[request_.public_id]))

    request_.refresh_from_db()
    assert request_.state == State.QUEUED


def test_cancelling_from_the_page(client, lin, request_):
    client.force_login(lin)

    answer = client.post(reverse("matching:cancel", args=[request_.public_id]), follow=True)

    assert b"This request was cancelled" in answer.content


@pytest.mark.parametrize("day", ["1800-01-01", "soon", "2026-02-30", "2300-01-01"])
def test_a_day_that_is_none_is_refused_next_to_the_field(client, lin, company, version, day):
    client.force_login(lin)

    answer = client.post(reverse("matching:ask", args=[company.public_id]), {"day": day})

    assert answer.status_code == 400
    assert b"errorlist" in answer.content
    assert not MatchRequest.objects.exists()


def test_without_a_catalogue_the_page_says_so(client, lin, company):
    client.force_login(lin)

    answer = client.post(reverse("matching:ask", args=[company.public_id]))

    assert answer.status_code == 400
    assert b"The catalogue has not been loaded yet" in answer.content


def test_the_page_in_chinese_uses_the_chinese_words_of_the_catalogue(client, lin, report):
    client.force_login(lin)

    page = client.get(
        reverse("matching:report", args=[report.public_id]), headers={"Accept-Language": "zh-hans"}
    ).content.decode()

    assert "founding-reward（中文）" in page
    assert "50万元" in page


def test_the_page_has_no_inline_script_or_style(client, lin, report):
    client.force_login(lin)

    page = client.get(reverse("matching:report", args=[report.public_id])).content.decode()

    assert not re.search(r"<[^>]+\s(style|on\w+)=", page)
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)
    assert "<style" not in page


def test_hostile_names_stay_text(client, lin, company, report):
    company.name = "<script>alert(1)</script>"
    company.save()
    client.force_login(lin)

    page = client.get(reverse("matching:report", args=[report.public_id])).content.decode()

    assert "<script>alert" not in page


def test_the_json_is_the_stored_bytes(client, lin, report):
    client.force_login(lin)

    answer = client.get(at("report_file json", report.public_id))

    assert answer.content.decode() == report.content
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_report_is_kept_as_a_file_of_its_kind(client, lin, report):
    client.force_login(lin)

    began = {
        form: client.get(at(f"report_file {form}", report.public_id)).content[:4] for form in ("pdf", "xlsx", "ics")
    }

    assert began == {"pdf": b"%PDF", "xlsx": b"PK\x03\x04", "ics": b"BEGI"}


def test_a_form_that_there_is_not_is_not_found(client, lin, report):
    client.force_login(lin)

    assert client.get(at("report_file docx", report.public_id)).status_code == 404


def test_a_document_that_could_not_be_set_is_said_and_leads_back(client, lin, report, monkeypatch):
    monkeypatch.setattr(blocks, "TIME_LIMIT", 0.01)
    client.force_login(lin)

    answer = client.get(at("report_file pdf", report.public_id), follow=True)

    assert answer.redirect_chain == [(report.get_absolute_url(), 302)]
    assert "could not be made in time" in answer.content.decode()


@pytest.mark.parametrize(("name", "queries"), [("waiting", 5), ("progress", 5), ("report", 6), ("report_file text", 3)])
def test_the_pages_ask_the_database_only_so_much(client, lin, ask, name, queries, django_assert_num_queries):
    request = ask()
    if name.startswith("report"):
        jobs.do_next()
    what = request.report if name.startswith("report") else request
    client.force_login(lin)

    with django_assert_num_queries(queries):
        client.get(at(name, what.public_id))


def test_a_report_that_is_read_again_is_not_fetched_and_set_again(client, lin, report, django_assert_num_queries):
    client.force_login(lin)
    first = client.get(report.get_absolute_url())

    with django_assert_num_queries(5):
        again = client.get(report.get_absolute_url())

    assert report.digest in again.content.decode()
    assert len(again.content) == len(first.content)


def test_a_report_that_was_read_before_is_not_found_by_a_stranger(client, lin, zhou, report):
    client.force_login(lin)
    assert client.get(report.get_absolute_url()).status_code == 200

    client.force_login(zhou)

    assert client.get(report.get_absolute_url()).status_code == 404

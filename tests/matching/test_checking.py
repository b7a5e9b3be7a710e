"""One policy checked for one company: what the report says of it, for those who may see the company."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from companies.actions import found_company
from companies.models import Company
from matching.engine.report import make_report
from matching.models import MatchReport, MatchRequest
from policies import rulebook

CHECK = "/check/cp-small-2026/"


def test_the_offers_are_those_of_the_report(client, lin, version):
    client.force_login(lin)

    answer = client.get(CHECK)

    book = rulebook.current()
    report = make_report(book, version.profile(book.vocabulary), answer.context["day"], {"name": ""}, compare=False)
    shown = {offer.plain["id"]: offer.plain for offer in answer.context["offers"]}
    assert shown == {offer["id"]: offer for offer in report["offers"]}
    assert "founding-reward" in answer.content.decode()


def test_a_policy_page_leads_to_the_check_and_the_check_back(client, lin, version):
    client.force_login(lin)

    assert f'href="{CHECK}"' in client.get("/policies/cp-small-2026/").content.decode()
    assert 'href="/policies/cp-small-2026/"' in client.get(CHECK).content.decode()


def test_with_several_companies_one_is_chosen_by_name(client, lin, version, company):
    other = found_company(name="=1+1 <b>Second</b>", by=lin)
    client.force_login(lin)

    said = client.get(CHECK).content.decode()
    assert "&lt;b&gt;Second" in said
    for one in (company, other):
        link = f"{CHECK}?company={one.public_id}"
        assert link in said
        assert client.get(link).context["company"] == one
    assert (
        "Nothing is answered for this company yet" in client.get(f"{CHECK}?company={other.public_id}").content.decode()
    )


def test_a_stranger_checks_no_company_of_others(client, zhou, company, version):
    client.force_login(zhou)

    for key in (company.public_id, uuid4(), "no-id", "\x00"):
        answer = client.get(CHECK, {"company": key})
        assert answer.status_code == 404
        assert company.name not in answer.content.decode()
    assert client.get(CHECK).headers["Location"] == reverse("matching:start")


def test_who_has_no_account_begins_and_then_checks(client, release):
    assert client.get(CHECK).headers["Location"] == reverse("matching:start")
    client.post(reverse("matching:start"), {"name": "Not yet", "founded": "no"})
    held = Company.objects.get()

    assert client.get(CHECK).context["company"] == held
    assert Client().get(CHECK, {"company": held.public_id}).status_code == 404


def test_the_queries_are_few_and_nothing_is_stored(client, lin, version, django_assert_num_queries):
    client.force_login(lin)
    client.get(CHECK)

    with django_assert_num_queries(5):
        client.get(CHECK)
    assert (MatchRequest.objects.count(), MatchReport.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_an_unknown_policy_and_an_empty_catalogue_are_not_found(client):
    assert client.get(CHECK).status_code == 404


def test_an_unknown_policy_is_not_found(client, release):
    assert client.get("/check/cp-nowhere/").status_code == 404

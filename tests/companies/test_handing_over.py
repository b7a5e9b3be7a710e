"""The console's pages on which a partner hands a company over, and the questions before what cannot be taken back."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.actions.partners import agree
from companies.models import ApiKey, Basis, Claim, Company, Membership, PartnerCompany, Role
from tests.companies.test_partner_console import address, enter, fang, key, partner, stranger

__all__ = ["enter", "fang", "key", "partner", "stranger"]

HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def sent(partner) -> PartnerCompany:
    company = Company.objects.create(name="Sent Robotics", founded=True)
    return PartnerCompany.objects.create(partner=partner, company=company, reference="R-7", basis=Basis.SENT)


def made_link(browser, partner, sent) -> str:
    answer = browser.post(address(partner, f"companies/{sent.company.public_id}/link/"))
    return re.search(r'id="address" value="http://testserver(/claims/[^"]+)"', answer.content.decode())[1]


def test_a_link_is_made_in_the_console_used_by_a_person_and_seen_as_used(enter, fang, partner, sent, lin, mailbox):
    browser, person = enter(fang), Client()
    person.force_login(lin)
    before = browser.get(address(partner, "companies/")).content.decode()
    link = made_link(browser, partner, sent)
    waiting = browser.get(address(partner, "companies/")).content.decode()

    person.post(link, {"keep": "yes"})

    after = browser.get(address(partner, "companies/")).content.decode()
    assert sent.company.memberships.get().user == lin
    assert ("Sent Robotics" in before, "R-7" in before) == (True, True)
    assert "link made, not used yet" in waiting
    assert "yes, it has people of its own" in after
    assert "taken over; you go on seeing it" in after
    (letter,) = mailbox()
    assert (letter.to, "You may go on reading" in letter.body) == (["it@a.example"], True)


def test_who_is_shown_the_door_sees_that_the_link_was_used_and_no_name(enter, fang, partner, sent, lin, mailbox):
    browser, person = enter(fang), Client()
    person.force_login(lin)

    person.post(made_link(browser, partner, sent), {"keep": "no"})
    Company.objects.update(name="A Name Of Their Own")
    seen = browser.get(address(partner, "companies/")).content.decode()

    assert "taken over; you see nothing of it any more" in seen
    assert "R-7" in seen
    assert "A Name Of Their Own" not in seen
    assert lin.email not in seen + mailbox()[0].body


def test_a_link_that_is_taken_back_opens_nothing(enter, fang, partner, sent):
    browser = enter(fang)
    link = made_link(browser, partner, sent)

    browser.post(address(partner, f"companies/{sent.company.public_id}/link/end/"))

    assert Client().get(link).status_code == 404
    assert not Claim.objects.open().exists()


def test_a_company_with_people_is_not_handed_over(enter, fang, partner, sent, lin):
    Membership.objects.create(company=sent.company, user=lin, role=Role.OWNER)
    browser = enter(fang)

    answer = browser.post(address(partner, f"companies/{sent.company.public_id}/link/"), follow=True)

    assert "people of its own already" in answer.content.decode()
    assert not Claim.objects.exists()


def test_a_company_that_only_agreed_is_not_among_them(enter, fang, partner, company, lin):
    agree(company=company, partner=partner, by=lin)
    browser = enter(fang)

    assert company.name not in browser.get(address(partner, "companies/")).content.decode()
    assert browser.post(address(partner, f"companies/{company.public_id}/link/")).status_code == 404


@pytest.mark.parametrize("path", ["companies/", "companies/{}/link/", "companies/{}/link/end/"])
def test_nobody_else_gets_in(client, stranger, partner, sent, path):
    client.force_login(stranger)
    where = address(partner, path.format(sent.company.public_id))

    assert (client.get(where) if path == "companies/" else client.post(where)).status_code == 404


def test_whoever_finds_an_unlocked_screen_hands_nothing_over(client, fang, partner, sent):
    client.force_login(fang)

    answer = client.post(address(partner, f"companies/{sent.company.public_id}/link/"))

    assert answer.url.startswith("/accounts/reauthenticate/")
    assert not Claim.objects.exists()


@pytest.mark.parametrize(("wanted", "found"), [("r-7", True), ("robot", True), ("x\x00", False), (HOSTILE, False)])
def test_they_are_found_by_number_or_name(enter, fang, partner, sent, wanted, found):
    answer = enter(fang).get(address(partner, "companies/"), {"q": wanted}).content.decode()

    assert ("Sent Robotics" in answer) == found
    assert HOSTILE not in answer


def test_the_page_asks_the_database_as_often_for_many(enter, fang, partner, sent, django_assert_num_queries):
    browser = enter(fang)
    for number in range(3):
        with django_assert_num_queries(6):
            browser.get(address(partner, "companies/"))
        for _each in range(4):
            company = Company.objects.create(name=f"More {number}", founded=True)
            more = PartnerCompany.objects.create(partner=partner, company=company, basis=Basis.SENT)
            Claim.objects.create(link=more, digest=str(company.pk), expires_at=timezone.now() + timedelta(days=1))


def test_before_a_key_is_revoked_it_is_asked(enter, fang, partner, key):
    browser = enter(fang)
    door = address(partner, f"keys/{key.prefix}/revoke/")

    asked = browser.get(door).content.decode()
    still = ApiKey.objects.usable().count()
    browser.post(door)

    assert "Revoke this key?" in asked
    assert (still, ApiKey.objects.usable().count()) == (1, 0)


def test_before_a_partner_is_shown_the_door_it_is_asked(client, partner, company, lin):
    agree(company=company, partner=partner, by=lin)
    client.force_login(lin)
    door = reverse("companies:end_partner", args=[company.public_id, partner.public_id])

    asked = client.get(door).content.decode()
    still = PartnerCompany.objects.in_force().count()
    client.post(door)

    assert "End what this partner may see?" in asked
    assert (still, PartnerCompany.objects.in_force().count()) == (1, 0)

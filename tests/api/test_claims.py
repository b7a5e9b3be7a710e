"""A company goes from the partner that sent it to its own people, who decide what the partner may see."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from companies.actions import claims as verbs
from companies.actions import found_company
from companies.actions.partners import agree, let_go
from companies.guessing import MISSES_A_MINUTE
from companies.models import Claim, Company, Membership, PartnerCompany, Role, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def zhou(db) -> User:
    return User.objects.create_user("zhou@example.com", "a-long-password")


def enter(person):
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def claimed(call, sent):
    """The path of a link that the partner asked for."""

    def ask():
        answer = call("POST", f"companies/{sent.company.public_id}/claim", {})
        assert answer.status_code == 201, answer.content
        return answer.json()["url"].removeprefix("http://testserver")

    return ask


def test_a_person_takes_a_company_over_and_lets_the_partner_stay(call, claimed, sent, lin):
    link, company = claimed(), f"companies/{sent.company.public_id}"
    person = enter(lin)
    text = person.get(link).content.decode()
    assert "Life Science Park" in text
    assert "绿洲生物" in text

    answer = person.post(link, {"keep": "yes"})

    assert answer.url == sent.company.get_absolute_url()
    assert sent.company.memberships.get().role == Role.OWNER
    assert call("GET", company).json()["may_change"] is True
    assert PartnerCompany.objects.get().agreed_at is not None


def test_a_partner_that_may_not_stay_sees_nothing_from_then_on(call, claimed, sent, lin):
    enter(lin).post(claimed(), {"keep": "no"})

    assert call("GET", f"companies/{sent.company.public_id}").status_code == 404
    assert call("GET", "companies").json()["results"] == []
    assert Company.objects.visible_to(lin).get() == sent.company


def test_the_choice_is_made_and_not_given(claimed, sent, lin):
    link = claimed()

    answer = enter(lin).post(link)

    assert answer.status_code == 422
    assert "Choose one" in answer.content.decode()
    assert "checked" not in answer.content.decode().partition("fieldset")[2].partition("</fieldset")[0]
    assert not Membership.objects.exists()


def test_a_link_works_once(claimed, sent, lin, zhou):
    link = claimed()
    enter(lin).post(link, {"keep": "yes"})

    assert enter(zhou).get(link).status_code == 404
    assert enter(zhou).post(link, {"keep": "yes"}).status_code == 404
    assert [one.user for one in Membership.objects.all()] == [lin]


def test_two_at_once_do_not_both_become_owners(claimed, sent, lin, zhou):
    claimed()
    claim = Claim.objects.get()

    assert verbs.take_over(claim=claim, keep_partner=True, by=lin)
    assert not verbs.take_over(claim=claim, keep_partner=False, by=zhou)

    assert [one.user for one in Membership.objects.all()] == [lin]
    assert PartnerCompany.objects.get().ended_at is None


def test_who_is_not_signed_in_takes_nothing_over_and_is_shown_the_way(client, claimed, sent):
    link = claimed()

    seen, given = client.get(link), client.post(link, {"keep": "yes"})

    assert "/accounts/login/?next=/claims/" in seen.content.decode()
    assert given.status_code == 403
    assert not Membership.objects.exists()


def over(how, call, sent, lin):
    company = f"companies/{sent.company.public_id}/claim"
    match how:
        case "taken back":
            assert call("DELETE", company).status_code == 204
        case "replaced":
            call("POST", company, {})
        case "expired":
            Claim.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        case "given up":
            agree(company=sent.company, partner=sent.partner, by=lin)
            Membership.objects.create(company=sent.company, user=lin, role=Role.OWNER)
            let_go(link=sent)
        case "partner stopped":
            type(sent.partner).objects.update(is_active=False)
        case "about to be erased":
            Company.objects.update(erase_at=timezone.now())


WAYS = ["taken back", "replaced", "expired", "given up", "partner stopped", "about to be erased"]


@pytest.mark.parametrize("how", WAYS)
def test_a_link_that_is_over_is_not_there(call, claimed, sent, lin, zhou, how):
    link = claimed()

    over(how, call, sent, lin)

    assert enter(zhou).get(link).status_code == 404
    assert enter(zhou).post(link, {"keep": "yes"}).status_code == 404
    assert not Membership.objects.filter(user=zhou).exists()


def test_a_company_with_people_of_its_own_is_not_handed_over(call, partner, sent, lin, zhou):
    own = found_company(name="Own", by=lin)
    agree(company=own, partner=partner, by=lin)
    Membership.objects.create(company=sent.company, user=lin, role=Role.OWNER)

    for company in (own, sent.company):
        answer = call("POST", f"companies/{company.public_id}/claim", {})
        assert (answer.status_code, answer.json()["type"]) == (403, "/api/v1/problems/not-yours-to-change/")
    assert not Claim.objects.exists()


def test_a_link_made_before_the_company_got_people_is_over(claimed, sent, lin, zhou):
    link = claimed()
    Membership.objects.create(company=sent.company, user=lin, role=Role.OWNER)

    assert enter(zhou).post(link, {"keep": "no"}).status_code == 404
    assert PartnerCompany.objects.get().ended_at is None


def test_who_tries_many_links_is_turned_away(claimed, lin):
    link = claimed()
    for _ in range(MISSES_A_MINUTE):
        Client().get(f"/claims/{uuid4().hex}/")

    assert enter(lin).get(link).status_code == 429


def test_only_the_digest_of_a_link_is_kept(claimed):
    token = claimed().split("/")[2]

    assert token not in str(Claim.objects.values().get())


def test_a_name_stays_a_name(claimed, sent, lin):
    link = claimed()
    Company.objects.update(name="<script>alert(1)</script>\u202e")

    text = enter(lin).get(link).content.decode()

    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


def test_reports_that_the_partner_asked_for_go_with_the_company(call, claimed, sent, lin, vocabulary, monkeypatch):
    monkeypatch.setattr("matching.tasks.ring", lambda: True)
    match = call("POST", "matches", {"company": str(sent.company.public_id)}).json()

    enter(lin).post(claimed(), {"keep": "no"})

    assert call("GET", f"matches/{match['id']}").status_code == 404
    assert enter(lin).get(f"/matches/{match['id']}/").status_code == 200

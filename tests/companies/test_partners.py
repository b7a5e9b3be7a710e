"""A company's owner lets a partner see the company, and ends it; nobody else does."""

import pytest

from companies.actions import partners as partner_actions
from companies.models import Company, Partner, PartnerCompany
from companies.models.partners import Basis

pytestmark = pytest.mark.django_db


@pytest.fixture
def park(db) -> Partner:
    return Partner.objects.create(name="Life <Science> Park", contact="it@example.com")


@pytest.fixture
def page(company) -> str:
    return f"/companies/{company.public_id}/partners/"


def test_an_owner_sees_the_partners_name_before_agreeing(client, lin, company, park, page):
    client.force_login(lin)

    looked_up = client.get(page, {"code": str(park.public_id)}).content.decode()

    assert "Life &lt;Science&gt; Park" in looked_up
    assert not Company.objects.visible_to_partner(park).exists()


def test_an_owner_agrees_and_ends_it(client, lin, company, park, page):
    client.force_login(lin)

    assert client.post(page, {"code": str(park.public_id)}).status_code == 302
    assert Company.objects.visible_to_partner(park).get() == company
    assert not Company.objects.editable_by_partner(park).exists()

    assert client.post(f"{page}{park.public_id}/end/").status_code == 302
    assert not Company.objects.visible_to_partner(park).exists()
    assert client.get(page).context["links"].count() == 0


@pytest.mark.parametrize("code", ["", "x", "8e1f0f9c-0000-4000-8000-000000000000", "\x00"])
def test_a_code_that_is_none_is_refused_with_the_reason(client, lin, page, park, code):
    client.force_login(lin)

    answer = client.post(page, {"code": code})

    assert answer.status_code == 422
    assert not PartnerCompany.objects.exists()


def test_the_code_of_a_partner_that_was_switched_off_is_none(client, lin, page, park):
    Partner.objects.update(is_active=False)
    client.force_login(lin)

    assert client.post(page, {"code": str(park.public_id)}).status_code == 422


@pytest.mark.parametrize("who", ["wei", "ran"])
def test_members_who_own_nothing_read_who_may_see_and_change_nothing(client, request, company, park, page, lin, who):
    partner_actions.agree(company=company, partner=park, by=lin)
    client.force_login(request.getfixturevalue(who))

    read = client.get(page, {"code": str(park.public_id)})

    assert "Life &lt;Science&gt; Park" in read.content.decode()
    assert "<form method" not in read.content.decode().partition("<main")[2].partition("</main>")[0]
    assert client.post(page, {"code": str(park.public_id)}).status_code == 403
    assert client.post(f"{page}{park.public_id}/end/").status_code == 403
    assert Company.objects.visible_to_partner(park).exists()


def test_strangers_find_no_such_page(client, zhou, page, park):
    client.force_login(zhou)

    assert {client.get(page).status_code, client.post(page).status_code} == {404}
    assert client.post(f"{page}{park.public_id}/end/").status_code == 404


def test_a_partner_that_may_see_nothing_cannot_be_ended(client, lin, page, park):
    client.force_login(lin)

    assert client.post(f"{page}{park.public_id}/end/").status_code == 404


def test_the_company_s_page_leads_there(client, lin, company, page):
    client.force_login(lin)

    assert page in client.get(company.get_absolute_url()).content.decode()


def test_the_page_asks_as_much_for_many_partners_as_for_one(client, lin, company, page, django_assert_num_queries):
    client.force_login(lin)

    def ask() -> int:
        with django_assert_num_queries(4):
            return len(client.get(page).context["links"])

    partner_actions.agree(company=company, partner=Partner.objects.create(name="a", contact="a@example.com"), by=lin)
    assert ask() == 1
    for number in range(10):
        other = Partner.objects.create(name=f"p{number}", contact="a@example.com")
        partner_actions.agree(company=company, partner=other, by=lin)
    assert ask() == 11


def test_the_bases_are_told_apart(company, park, lin):
    assert partner_actions.agree(company=company, partner=park, by=lin).basis == Basis.CONSENT

"""Companies described without an account: held by one browser, seen by nobody else, taken along, and forgotten in time."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from companies import actions
from companies.actions import visits
from companies.models import Company, Membership, ProfileVersion, Role, Visit, VisitKey, Visitor

PAGES = ["companies:detail", "companies:profile", "section"]


@pytest.fixture
def held(stored):
    """A company that a browser holds, and the secret."""
    return visits.start_visit(name="Visiting Robotics", founded=True)


@pytest.fixture
def holder(client, held):
    """The browser that holds it."""
    return holding(client, held[1])


def holding(client, *secrets):
    session = client.session
    session["held"] = list(secrets)
    session.save()
    return client


def address(page, company):
    if page == "section":
        return reverse("companies:section", args=[company.public_id, "finance"])
    return reverse(page, args=[company.public_id])


@pytest.mark.parametrize("page", PAGES)
def test_who_holds_a_company_opens_its_pages_without_an_account(holder, held, page):
    assert holder.get(address(page, held[0]), follow=True).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_another_visitor_and_another_person_find_nothing(client, held, zhou, page):
    other = visits.start_visit(name="Another", founded=True)
    holding(client, other[1])
    assert client.get(address(page, held[0])).status_code == 404

    client.force_login(zhou)
    seen = client.get(address(page, held[0]))

    assert seen.status_code == 404
    assert b"Visiting" not in seen.content


def test_a_visitor_finds_nothing_of_companies_that_have_members(holder, company):
    assert holder.get(company.get_absolute_url()).status_code == 404


def test_a_secret_that_is_none_opens_nothing(client, held):
    for wrong in ("", "x" * 43, "\ud800", held[0].public_id.hex, VisitKey.objects.get().digest):
        assert not Company.objects.visible_to(Visitor([wrong])).exists()
        assert not Company.objects.editable_by(Visitor([wrong])).exists()


def test_a_secret_of_a_link_is_not_one_of_a_browser(held):
    visit = Visit.objects.get()
    secret = visits._new_key(visit, VisitKey.Kind.LINK)

    assert not Company.objects.visible_to(Visitor([secret])).exists()


def test_a_visitor_saves_a_section_and_is_named_nowhere(holder, held, stored):
    answer = holder.post(address("section", held[0]), {"revenue_y1": "3200万", "fields": "revenue_y1"})

    assert answer.status_code == 302
    version = held[0].latest_version
    assert version.answers["revenue_y1"]["value"]
    assert version.created_by is None


def test_a_visitor_adds_no_members_and_no_partners(holder, held):
    for page in ("companies:members", "companies:partners"):
        answer = holder.post(reverse(page, args=[held[0].public_id]), {"email": "zhou@example.com", "role": "owner"})
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(reverse("account_login"))
    assert not Membership.objects.exists()


def test_signing_in_takes_the_company_along_with_its_answers(holder, held, stored, lin):
    company, _secret = held
    actions.save_answers(company=company, answers={"employees": "36"}, by=Visitor(), vocabulary=stored)

    answer = holder.post(
        reverse("account_login"), {"login": lin.email, "password": "a long pass phrase"}, follow=True
    ).content.decode()

    assert "Visiting Robotics" in answer
    assert "now among your companies" in answer
    assert company.memberships.get().role == Role.OWNER
    assert company.latest_version.answers["employees"]["value"] == 36
    assert "held" not in holder.session
    assert not Visit.objects.exists()


def test_a_company_that_went_to_an_account_is_opened_by_no_old_secret(held, lin):
    visits.claim(visits=Visit.objects.all(), by=lin)

    assert not Company.objects.visible_to(Visitor([held[1]])).exists()
    assert Company.objects.visible_to(lin).count() == 1


def test_a_second_claim_takes_nothing_away_from_the_first(held, lin, zhou):
    both = Visit.objects.held_by(Visitor([held[1]]))
    visits.claim(visits=both, by=lin)

    assert visits.claim(visits=both.all(), by=zhou) == []
    assert not Company.objects.visible_to(zhou).exists()


def test_what_was_kept_long_enough_opens_no_more_and_is_erased(holder, held, stored, company):
    Visit.objects.update(expires_at=Now() - timedelta(seconds=1))
    assert holder.get(held[0].get_absolute_url()).status_code == 404

    Visit.objects.erase_over()

    assert list(Company.objects.all()) == [company]


def test_what_is_still_kept_is_not_erased(held):
    Visit.objects.erase_over()

    assert Company.objects.filter(pk=held[0].pk).exists()


def test_an_answer_keeps_the_company_longer(held, stored):
    soon = timezone.now() + timedelta(hours=1)
    Visit.objects.update(expires_at=soon)

    actions.save_answers(company=held[0], answers={"employees": "36"}, by=Visitor([held[1]]), vocabulary=stored)

    assert Visit.objects.get().expires_at > soon + timedelta(days=20)


def test_what_a_visitor_tries_out_is_not_counted_in_the_population(held, stored, company, lin):
    actions.save_answers(company=held[0], answers={"employees": "36"}, by=Visitor([held[1]]), vocabulary=stored)
    actions.save_answers(company=company, answers={"employees": "36"}, by=lin, vocabulary=stored)

    assert [version.company for version in ProfileVersion.objects.of_population()] == [company]


def test_the_company_page_takes_as_many_queries_after_many_answers_as_after_none(
    holder, held, stored, django_assert_num_queries
):
    page = held[0].get_absolute_url()
    actions.save_answers(company=held[0], answers={"employees": "36"}, by=Visitor([held[1]]), vocabulary=stored)
    with django_assert_num_queries(7):
        holder.get(page)
    for number in range(5):
        actions.save_answers(company=held[0], answers={"employees": number}, by=Visitor([held[1]]), vocabulary=stored)
    with django_assert_num_queries(7):
        holder.get(page)

"""The name of a company, given or changed on a page by whoever may change the record, with an account or without."""

import html

import pytest
from django.urls import reverse

from companies.actions import visits
from companies.models import Company


def page_of(company):
    return reverse("companies:describe", args=[company.public_id])


def sent(**typed):
    return {"name": "Qinghe Biotech", "other_name": "", "founded": "yes", "uscc": "", **typed}


@pytest.fixture
def held(client, stored):
    """A company without a name of its own, held by this browser."""
    company, secret = visits.start_visit(name="My company", founded=False)
    session = client.session
    session["held"] = [secret]
    session.save()
    return company


def test_who_holds_a_company_without_an_account_names_it_and_is_back_where_they_were(client, held):
    back = reverse("companies:keep_visit", args=[held.public_id])
    assert page_of(held) in client.get(back).content.decode()

    answer = client.post(page_of(held), sent(name="清河 <b> Robotics", founded="no", next=back))

    held.refresh_from_db()
    assert (answer.status_code, answer.url) == (302, back)
    assert (held.name, held.founded) == ("清河 <b> Robotics", False)
    assert "清河 &lt;b&gt; Robotics" in client.get(back).content.decode()


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_to_another_site(client, held, elsewhere):
    assert elsewhere not in client.get(page_of(held), {"next": elsewhere}).content.decode()
    assert client.post(page_of(held), sent(next=elsewhere)).url == held.get_absolute_url()


def test_a_company_that_was_planned_is_registered_and_gets_its_code(client, company, lin):
    Company.objects.filter(pk=company.pk).update(founded=False)
    client.force_login(lin)

    wrong = client.post(page_of(company), sent(uscc="91110000600037341X"))
    company.refresh_from_db()
    before = company.founded, company.uscc
    client.post(page_of(company), sent(uscc="91110000600037341L"))
    company.refresh_from_db()

    assert wrong.status_code == 422
    assert before == (False, None)
    assert (company.founded, company.uscc) == (True, "91110000600037341L")


def test_what_cannot_be_a_name_is_said_and_kept_as_typed(client, company, lin):
    client.force_login(lin)

    answer = client.post(page_of(company), sent(name="", other_name="Kept Ltd"))

    company.refresh_from_db()
    assert answer.status_code == 422
    assert 'value="Kept Ltd"' in html.unescape(answer.content.decode())
    assert company.name == "Qinghe Biotech"


def test_a_colleague_names_it_a_reader_and_a_stranger_do_not(client, company, wei, ran, zhou):
    def answered_to(person):
        client.force_login(person)
        return client.post(page_of(company), sent(name=f"By {person.pk}")).status_code

    assert [answered_to(person) for person in (ran, zhou, wei)] == [403, 404, 302]
    company.refresh_from_db()
    assert company.name == f"By {wei.pk}"
    client.logout()
    assert client.get(page_of(company)).url.startswith(reverse("account_login"))

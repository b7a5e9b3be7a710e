"""Who makes links, sees them and ends them."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from companies.actions import erasing
from companies.models import Membership, Role
from matching.actions import shared as verbs
from matching.models import SharedLink

ASKED = {"shows": "amounts", "named": "on", "days": "30", "note": "for the bank <b>"}


def test_an_editor_makes_a_link_and_sees_it_once(client, wei, company, report):
    Membership.objects.filter(user=wei).update(role=Role.EDITOR)
    client.force_login(wei)

    made = client.post(reverse("matching:share", args=[report.public_id]), ASKED).content.decode()

    address = re.search(r'value="http://testserver(/shared/[^"]+)"', made)[1]
    assert Client().get(address).status_code == 200
    listed = client.get(reverse("matching:links", args=[company.public_id])).content.decode()
    assert "for the bank &lt;b&gt;" in listed
    assert address not in listed
    assert "Times opened: 1" in listed


@pytest.mark.parametrize(
    "wrong", [{"days": "3650"}, {"days": ""}, {"shows": "all"}, {"note": "a\u202eb"}, {"note": "a\x00"}]
)
def test_a_link_that_cannot_be_made_is_explained_and_keeps_what_was_typed(client, lin, report, wrong):
    client.force_login(lin)

    answer = client.post(reverse("matching:share", args=[report.public_id]), {**ASKED, **wrong})

    assert answer.status_code == 422
    assert not SharedLink.objects.exists()
    assert "error" in answer.content.decode()


def doors(company, report, link):
    return [
        ("get", reverse("matching:share", args=[report.public_id])),
        ("post", reverse("matching:share", args=[report.public_id])),
        ("get", reverse("matching:links", args=[company.public_id])),
        ("post", reverse("matching:revoke_link", args=[link.public_id])),
    ]


def test_a_reader_neither_shares_nor_sees_nor_ends(client, wei, company, report, share):
    link, _ = share()
    client.force_login(wei)

    answers = [
        getattr(client, how)(where, ASKED if how == "post" else None) for how, where in doors(company, report, link)
    ]

    assert [one.status_code for one in answers] == [403, 403, 403, 404]
    assert SharedLink.objects.get().is_live


def test_a_stranger_finds_nothing(client, zhou, company, report, share):
    link, _ = share()
    client.force_login(zhou)

    answers = [
        getattr(client, how)(where, ASKED if how == "post" else None) for how, where in doors(company, report, link)
    ]

    assert {one.status_code for one in answers} == {404}
    assert SharedLink.objects.get().is_live


def test_who_is_not_signed_in_is_asked_to(client, company, report, share):
    link, _ = share()

    answers = [getattr(client, how)(where) for how, where in doors(company, report, link)]

    assert {one.status_code for one in answers} == {302}


def test_looking_ends_no_link(client, lin, share):
    link, _ = share()
    client.force_login(lin)

    assert client.get(reverse("matching:revoke_link", args=[link.public_id])).status_code == 405


def test_the_list_asks_as_much_for_many_links_as_for_few(client, lin, company, share):
    client.force_login(lin)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("matching:links", args=[company.public_id]))
        return len(queries)

    verbs.write_down_opening(link=share()[0], language="en", client="")
    few = asked()
    for _ in range(5):
        verbs.write_down_opening(link=share()[0], language="en", client="")

    assert (few, asked()) == (few, few)
    assert few <= 8


def test_links_of_a_company_about_to_be_erased_are_said_to_open_nothing(client, lin, company, share):
    share()
    client.force_login(lin)
    before = client.get(reverse("matching:links", args=[company.public_id])).content.decode()
    erasing.ask_to_erase_company(company=company, by=lin)

    after = client.get(reverse("matching:links", args=[company.public_id])).content.decode()

    assert "opens nothing now" not in before
    assert "opens nothing now" in after
    assert "none of these links opens anything" in after

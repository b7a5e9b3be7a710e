"""The companies of a partner: sent, seen, renamed and given up."""

from __future__ import annotations

import pytest

from companies import actions
from companies.actions import partners as partner_actions
from companies.models import Basis, Company, Membership, PartnerCompany, ProfileVersion
from matching.actions import request_match
from matching.models import MatchRequest

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreed(lin, partner):
    """A company of Lin's that agreed to be seen by the partner."""
    company = actions.found_company(name="Lin's Robots", by=lin)
    return partner_actions.agree(company=company, partner=partner, by=lin)


def test_a_company_is_sent_with_its_facts_and_found_again(call, vocabulary):
    body = {"reference": "A-17", "name": "绿洲生物", "uscc": "91110000600037341L", "facts": {"employees": 40}}

    answer = call("POST", "companies", body)

    assert (answer.status_code, answer.headers["Location"]) == (201, answer.json()["url"])
    made = call("GET", answer.headers["Location"].removeprefix("/api/v1/")).json()
    assert made == answer.json()
    assert (made["reference"], made["name"], made["basis"], made["may_change"]) == ("A-17", "绿洲生物", "sent", True)
    assert made["profile"]["version"] == 1


def test_facts_of_a_partner_are_marked_as_the_partners(call, vocabulary, partner):
    call(
        "POST",
        "companies",
        {"name": "x", "facts": {"employees": 40, "established": {"value": True, "source": "document"}}},
    )

    version = ProfileVersion.objects.get()
    assert {name: answer["source"] for name, answer in version.answers.items()} == {
        "employees": "partner", "established": "document",
    }  # fmt: skip
    assert (version.partner, version.created_by) == (partner, None)


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/name", "missing"),
        ({"name": "  "}, "/name", "missing"),
        ({"name": 4}, "/name", "bad_name"),
        ({"name": "x" * 201}, "/name", "bad_name"),
        ({"name": "x", "uscc": "123"}, "/uscc", "uscc"),
        ({"name": "x", "founded": "yes"}, "/founded", "not_yes_or_no"),
        ({"name": "x", "reference": "r" * 101}, "/reference", "bad_reference"),
        ({"name": "x", "reference": "A-1"}, "/reference", "reference_taken"),
        ({"name": "x", "facts": {"employes": 4}}, "/facts/employes", "unknown_fact"),
        ({"name": "x", "facts": [1]}, "/facts", "not_a_profile"),
        ({"name": "x", "id": "8e1f0f9c-0000-4000-8000-000000000000"}, "/id", "unknown_field"),
        ({"name": "x", "basis": "consent"}, "/basis", "unknown_field"),
        ({"name": "x", "may_change": True}, "/may_change", "unknown_field"),
        ({"name": "x", "profile": {}}, "/profile", "unknown_field"),
        (["x"], "", "wrong_shape"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_is_stored(call, vocabulary, sent, body, pointer, code):
    answer = call("POST", "companies", body)

    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], fault["code"]) == (pointer, code)
    assert Company.objects.count() == 1


def test_two_partners_may_use_the_same_reference(call, sent, other_partners_key):
    assert call("POST", "companies", {"name": "x", "reference": "A-1"}, key=other_partners_key).status_code == 201


def test_the_list_finds_a_company_by_the_partners_reference(call, sent, partner):
    partner_actions.send_company(partner=partner, name="another", reference="A-2")

    found = call("GET", "companies?reference=A-1").json()["results"]

    assert [one["id"] for one in found] == [str(sent.company.public_id)]
    assert call("GET", "companies?reference=B").json()["results"] == []


def test_pages_follow_each_other_without_gaps_or_repeats(call, partner):
    for number in range(5):
        partner_actions.send_company(partner=partner, name=f"c{number}")

    names, address = [], "companies?limit=2"
    while address is not None:
        page = call("GET", address).json()
        names += [one["name"] for one in page["results"]]
        address = page["next"] and page["next"].removeprefix("/api/v1/")

    assert names == [f"c{number}" for number in range(5)]


def test_a_company_sent_meanwhile_comes_at_the_end(call, partner):
    for number in range(2):
        partner_actions.send_company(partner=partner, name=f"c{number}")
    following = call("GET", "companies?limit=1").json()["next"].removeprefix("/api/v1/")

    partner_actions.send_company(partner=partner, name="late")

    assert [one["name"] for one in call("GET", following.replace("limit=1", "limit=9")).json()["results"]] == [
        "c1", "late",
    ]  # fmt: skip


@pytest.mark.parametrize("cursor", ["x", "a:b:c", "MTI:1wZ:abc", "9" * 200])
def test_a_broken_cursor_is_a_problem(call, cursor):
    answer = call("GET", f"companies?cursor={cursor}")

    assert (answer.status_code, answer.json()["type"]) == (400, "/api/v1/problems/bad-cursor/")


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "１", ""])
def test_a_page_has_1_to_200_rows(call, limit):
    assert call("GET", f"companies?limit={limit}").json()["errors"][0]["parameter"] == "limit"


def test_names_and_reference_are_changed(call, sent):
    answer = call("PATCH", f"companies/{sent.company.public_id}", {"name": "新名", "reference": None})

    assert (answer.json()["name"], answer.json()["reference"]) == ("新名", None)
    assert call("GET", f"companies/{sent.company.public_id}").json() == answer.json()


@pytest.mark.parametrize("field", ["id", "uscc", "founded", "basis", "since", "may_change", "profile", "url"])
def test_what_belongs_to_the_service_cannot_be_changed(call, sent, field):
    before = call("GET", f"companies/{sent.company.public_id}").json()

    answer = call("PATCH", f"companies/{sent.company.public_id}", {field: "x", "name": "other"})

    assert answer.json()["errors"][0]["code"] == "unknown_field"
    assert call("GET", f"companies/{sent.company.public_id}").json() == before


def test_a_company_that_agreed_is_seen_and_not_renamed(call, agreed):
    address = f"companies/{agreed.company.public_id}"

    assert call("GET", address).json()["basis"] == "consent"
    assert call("PATCH", address, {"name": "x"}).json()["type"] == "/api/v1/problems/not-yours-to-change/"
    assert call("PATCH", address, {"reference": "mine"}).json()["reference"] == "mine"


def test_a_company_that_withdrew_is_not_there(call, agreed, lin):
    partner_actions.withdraw(link=agreed, by=lin)

    assert call("GET", f"companies/{agreed.company.public_id}").status_code == 404
    assert call("GET", "companies").json()["results"] == []


def test_consent_can_be_given_again_after_it_was_withdrawn(agreed, lin, partner):
    partner_actions.withdraw(link=agreed, by=lin)

    partner_actions.agree(company=agreed.company, partner=partner, by=lin)

    assert Company.objects.visible_to_partner(partner).get() == agreed.company


def test_what_was_sent_is_the_companys_own_once_it_has_people(call, sent, lin, partner):
    Membership.objects.create(company=sent.company, user=lin, role="owner")
    address = f"companies/{sent.company.public_id}"

    assert call("PATCH", address, {"name": "x"}).status_code == 403
    partner_actions.agree(company=sent.company, partner=partner, by=lin)
    assert call("PATCH", address, {"name": "x"}).status_code == 200


def test_giving_up_erases_what_only_this_partner_had_sent(call, sent, vocabulary, partner):
    saved = partner_actions.answer_for_company(
        company=sent.company, answers={"employees": 4}, partner=partner, vocabulary=vocabulary
    )
    request_match(profile_version=saved.version, day=saved.version.created_at.date(), by=partner)

    assert call("DELETE", f"companies/{sent.company.public_id}").status_code == 204

    assert [m.objects.count() for m in (Company, PartnerCompany, ProfileVersion, MatchRequest)] == [0, 0, 0, 0]


def test_giving_up_a_company_with_people_only_ends_the_partners_part(call, agreed):
    assert call("DELETE", f"companies/{agreed.company.public_id}").status_code == 204

    assert Company.objects.get() == agreed.company
    assert call("GET", f"companies/{agreed.company.public_id}").status_code == 404


def test_a_reference_is_free_again_after_its_company_was_given_up(call, sent, lin):
    Membership.objects.create(company=sent.company, user=lin, role="owner")
    call("DELETE", f"companies/{sent.company.public_id}")

    assert call("POST", "companies", {"name": "x", "reference": "A-1"}).status_code == 201


def test_lists_ask_as_much_for_many_companies_as_for_one(call, partner, sent, lin, django_assert_num_queries):
    call("GET", "companies")
    for number in range(20):
        link = partner_actions.send_company(partner=partner, name=f"c{number}")
        Membership.objects.create(company=link.company, user=lin)

    with django_assert_num_queries(2):  # the key, the companies
        assert len(call("GET", "companies").json()["results"]) == 21


def test_one_company_takes_two_questions(call, sent, django_assert_num_queries):
    call("GET", "companies")

    with django_assert_num_queries(2):
        call("GET", f"companies/{sent.company.public_id}")


def test_the_basis_is_one_that_is_known(sent):
    assert sent.basis in Basis.values

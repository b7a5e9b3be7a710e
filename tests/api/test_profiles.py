"""A company's profile over the API: whole, in parts, version by version, and never over somebody else's answers."""

from __future__ import annotations

import pytest

from companies import actions
from companies.actions import partners as partner_actions

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(sent, vocabulary) -> str:
    return f"companies/{sent.company.public_id}/profile"


def values(profile) -> dict:
    return {name: answer["value"] for name, answer in profile["facts"].items()}


def test_a_profile_without_answers_is_version_0(call, address):
    answer = call("GET", address)

    assert (answer.json()["version"], answer.json()["facts"], answer.headers["ETag"]) == (0, {}, '"0"')


def test_put_writes_all_and_what_is_not_sent_becomes_unknown(call, address):
    call("PUT", address, {"facts": {"employees": 40, "established": True}})

    answer = call("PUT", address, {"facts": {"Employees": 41}})

    assert (values(answer.json()), answer.json()["version"], answer.headers["ETag"]) == ({"employees": 41}, 2, '"2"')
    assert call("GET", address).json() == answer.json()


def test_patch_changes_only_what_is_sent_and_null_makes_unknown(call, address):
    call("PUT", address, {"facts": {"employees": 40, "established": True}})

    answer = call("PATCH", address, {"facts": {"established": None, "rd_expense_y1": "1000000.5"}})

    assert values(answer.json()) == {"employees": 40, "rd_expense_y1": "1000000.50"}


def test_each_fact_keeps_where_it_came_from(call, address):
    sent = {"employees": {"value": 40, "source": "document", "on": "2026-06-30"}, "established": {"value": True}}

    facts = call("PATCH", address, {"facts": sent}).json()["facts"]

    assert facts == {
        "employees": {"value": 40, "source": "document", "on": "2026-06-30"},
        "established": {"value": True, "source": "partner"},
    }


def test_what_changes_nothing_makes_no_version(call, address):
    first = call("PUT", address, {"facts": {"employees": 40}})

    assert call("PUT", address, {"facts": {"employees": 40}}).content == first.content


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_fault_is_named_and_nothing_of_it_is_stored(call, address, method):
    answer = call(method, address, {"facts": {"employees": 40, "established": "perhaps"}})

    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/facts/established"]
    assert call("GET", address).json()["version"] == 0


@pytest.mark.parametrize(
    ("body", "pointer"), [({}, "/facts"), ({"facts": {}, "version": 9}, "/version"), ({"facts": 1}, "/facts"), ([], "")]
)
def test_a_body_has_facts_and_nothing_else(call, address, body, pointer):
    assert call("PUT", address, body).json()["errors"][0]["pointer"] == pointer


def test_who_read_an_older_version_does_not_write_over_the_newer(call, address):
    read = call("PUT", address, {"facts": {"employees": 40}}).headers["ETag"]
    call("PATCH", address, {"facts": {"employees": 50}})

    answer = call("PUT", address, {"facts": {"employees": 41}}, **{"if-match": read})

    assert (answer.status_code, answer.json()["type"]) == (412, "/api/v1/problems/changed-meanwhile/")
    assert values(call("GET", address).json()) == {"employees": 50}


@pytest.mark.parametrize("read", ['"1"', 'W/"1"', '"7", "1"', "*"])
def test_who_read_the_newest_version_may_write(call, address, read):
    call("PUT", address, {"facts": {"employees": 40}})

    assert call("PATCH", address, {"facts": {"employees": 41}}, **{"if-match": read}).status_code == 200


def test_an_etag_that_is_none_of_ours_fits_nothing(call, address):
    assert call("PATCH", address, {"facts": {}}, **{"if-match": '"abc"'}).status_code == 412


def test_who_has_the_newest_version_is_told_so(call, address):
    etag = call("PUT", address, {"facts": {"employees": 40}}).headers["ETag"]

    assert call("GET", address, **{"if-none-match": etag}).status_code == 304


def test_versions_are_listed_and_read(call, address):
    for number in (40, 41, 42):
        call("PATCH", address, {"facts": {"employees": number}})

    first = call("GET", f"{address}/versions?limit=2").json()
    second = call("GET", first["next"].removeprefix("/api/v1/")).json()

    assert [one["version"] for one in first["results"] + second["results"]] == [3, 2, 1]
    assert {one["by"] for one in first["results"]} == {"you"}
    assert values(call("GET", f"{address}?version=1").json()) == {"employees": 40}
    assert call("GET", f"{address}?version=4").status_code == 404


def test_a_company_that_agreed_is_read_and_not_written(call, lin, partner, vocabulary):
    company = actions.found_company(name="Robots", by=lin)
    actions.save_answers(company=company, answers={"employees": 7}, by=lin, vocabulary=vocabulary)
    partner_actions.agree(company=company, partner=partner, by=lin)
    address = f"companies/{company.public_id}/profile"

    assert values(call("GET", address).json()) == {"employees": 7}
    assert call("GET", f"{address}/versions").json()["results"][0]["by"] == "others"
    for method in ("PUT", "PATCH"):
        assert call(method, address, {"facts": {"employees": 8}}).status_code == 403


def test_reading_asks_as_much_for_many_versions_as_for_one(call, address, django_assert_num_queries):
    for number in range(20):
        call("PATCH", address, {"facts": {"employees": number}})

    with django_assert_num_queries(3):  # the key, the company, the version
        call("GET", address)
    with django_assert_num_queries(3):
        assert len(call("GET", f"{address}/versions").json()["results"]) == 20

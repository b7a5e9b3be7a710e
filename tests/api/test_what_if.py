"""A company with some facts otherwise, and what to ask it next; nothing of it is stored."""

from __future__ import annotations

import pytest

from companies.actions import partners as partner_actions
from companies.models import ProfileVersion
from matching.models import MatchReport, MatchRequest

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(sent, vocabulary, partner) -> str:
    partner_actions.answer_for_company(
        company=sent.company, answers={"established": True, "employees": 40}, partner=partner, vocabulary=vocabulary
    )
    return f"companies/{sent.company.public_id}"


def verdicts(report) -> dict[str, str]:
    return {one["offer"]: one["verdict"] for one in report["offers"]}


def test_the_report_is_of_the_company_as_it_would_be(call, address):
    report = call("POST", f"{address}/what-if", {"facts": {"employees": 1000}, "on": "2026-11-25"}).json()

    assert verdicts(report)["large-team"] == "eligible"
    assert verdicts(report)["founding-reward"] == "eligible"
    assert report["subject"] == {"name": "绿洲生物", "profile_version": "1"}


def test_it_is_compared_with_the_company_as_it_is(call, address):
    comparison = call("POST", f"{address}/what-if", {"facts": {"Employees": 1000}}).json()["comparison"]

    assert [one["key"] for one in comparison["variants"]] == ["now", "what-if"]
    assert [one["fact"] for one in comparison["variants"][1]["changes"]] == ["employees"]
    (difference,) = comparison["differences"]
    assert {key: cell["verdict"] for key, cell in difference["cells"].items()} == {
        "now": "ineligible", "what-if": "eligible",
    }  # fmt: skip


def test_null_asks_what_would_be_if_it_were_not_known(call, address):
    report = call("POST", f"{address}/what-if", {"facts": {"employees": None}}).json()

    assert verdicts(report)["large-team"] == "undetermined"


def test_nothing_of_it_is_stored(call, address):
    call("POST", f"{address}/what-if", {"facts": {"employees": 1000}})

    assert [model.objects.count() for model in (ProfileVersion, MatchRequest, MatchReport)] == [1, 0, 0]


def test_the_same_question_gives_the_same_bytes(call, address):
    first, again = (call("POST", f"{address}/what-if", {"facts": {"employees": 9}, "on": "2026-11-25"}) for _ in "ab")

    assert first.content == again.content


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/facts"),
        ({"facts": {"employes": 1}}, "/facts/employes"),
        ({"facts": {}, "release": 9}, "/release"),
        ({"facts": {}, "on": "x"}, "/on"),
        ({"facts": {}, "name": "x"}, "/name"),
    ],
)
def test_what_cannot_be_used_is_named(call, address, body, pointer):
    answer = call("POST", f"{address}/what-if", body)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


def test_questions_are_those_that_can_still_change_something(call, address):
    plain = call("GET", f"{address}/questions?on=2026-11-25").json()

    assert (plain["day"], plain["release"], plain["profile_version"]) == ("2026-11-25", 1, 1)
    (question,) = plain["results"]
    assert (question["fact"], question["verdicts"]) == ("rd_expense_y1", ["cp-small-2026/research-reward"])


def test_for_a_company_that_said_nothing_all_is_asked_and_what_it_declines_is_not(call, sent, vocabulary):
    address = f"companies/{sent.company.public_id}/questions"

    def asked(words=""):
        return {one["fact"] for one in call("GET", f"{address}{words}").json()["results"]}

    assert asked() == {"established", "employees", "rd_expense_y1"}
    assert asked("?declined=employees&declined=rd_expense_y1") == {"established"}


@pytest.mark.parametrize(
    ("words", "parameter"), [("declined=employes", "declined"), ("release=9", "release"), ("on=x", "on")]
)
def test_parameters_that_cannot_be_used_are_named(call, address, words, parameter):
    answer = call("GET", f"{address}/questions?{words}")

    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, parameter)


def test_before_there_is_a_release_it_says_so(call, sent):
    assert call("GET", f"companies/{sent.company.public_id}/questions").status_code == 503
    assert call("POST", f"companies/{sent.company.public_id}/what-if", {"facts": {}}).status_code == 503


def test_they_take_a_few_questions_to_the_database(call, address, django_assert_max_num_queries):
    call("GET", f"{address}/questions")

    with django_assert_max_num_queries(4):
        call("GET", f"{address}/questions")
    with django_assert_max_num_queries(5):
        call("POST", f"{address}/what-if", {"facts": {}})

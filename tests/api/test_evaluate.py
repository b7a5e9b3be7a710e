"""One profile in, its report out, nothing stored."""

from __future__ import annotations

import pytest

from companies.models import Company, ProfileVersion
from matching.models import MatchReport, MatchRequest

pytestmark = pytest.mark.django_db


def verdicts(report) -> dict[str, str]:
    return {one["offer"]: one["verdict"] for one in report["offers"]}


def test_a_profile_gets_its_report_with_unknown_as_an_answer(call, release):
    report = call("POST", "evaluate", {"facts": {"established": True}, "on": "2026-11-25", "name": "绿洲生物"}).json()

    assert verdicts(report) == {
        "founding-reward": "eligible", "large-team": "undetermined", "research-reward": "undetermined",
    }  # fmt: skip
    assert (report["day"], report["subject"]["name"], report["release"]["number"]) == ("2026-11-25", "绿洲生物", 1)
    assert report["comparison"] is None


def test_nothing_of_it_is_stored(call, release):
    call("POST", "evaluate", {"facts": {"employees": 40}})

    assert [model.objects.count() for model in (Company, ProfileVersion, MatchRequest, MatchReport)] == [0, 0, 0, 0]


def test_the_same_question_gives_the_same_bytes(call, release):
    asked = {"facts": {"employees": 1000, "rd_expense_y1": "2500000.00"}, "on": "2026-11-25", "release": 1}

    assert call("POST", "evaluate", asked).content == call("POST", "evaluate", asked).content


def test_money_sent_as_a_number_and_as_text_is_the_same_money(call, release):
    number, text = (
        call("POST", "evaluate", f'{{"on": "2026-11-25", "facts": {{"rd_expense_y1": {written}}}}}').content
        for written in ("1234567.89", '"1234567.89"')
    )

    assert number == text


def test_it_is_compared_on_request(call, release):
    assert call("POST", "evaluate", {"facts": {}, "compare": True}).json()["comparison"] is not None


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"facts": {"employes": 4}}, "/facts/employes", "unknown_fact"),
        ({"facts": {"employees": -1}}, "/facts/employees", "out_of_bounds"),
        ({"facts": {"employees": {"value": 1, "source": "rumour"}}}, "/facts/employees/source", "unknown_source"),
        ({"facts": {"a/b~c": 1}}, "/facts/a~1b~0c", "unknown_fact"),
        ({"facts": []}, "/facts", "not_a_profile"),
        ({"facts": {}, "on": "tomorrow"}, "/on", None),
        ({"facts": {}, "release": 9}, "/release", "unknown_release"),
        ({"facts": {}, "release": True}, "/release", "unknown_release"),
        ({"facts": {}, "compare": "yes"}, "/compare", "not_yes_or_no"),
        ({"facts": {}, "name": "x" * 201}, "/name", "bad_name"),
        ({"facts": {}, "tenant": 1}, "/tenant", "unknown_field"),
        ([1], "", "wrong_shape"),
        ({}, "/facts", "missing"),
        ("", "/facts", "missing"),
    ],
)
def test_each_value_that_cannot_be_used_is_named_by_a_pointer(call, release, body, pointer, code):
    answer = call("POST", "evaluate", body)

    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], code in (None, fault["code"])) == (pointer, True)
    assert fault["detail"]


def test_all_faults_are_told_at_once(call, release):
    body = call("POST", "evaluate", {"facts": {"employes": 4, "established": "perhaps"}, "on": "x"}).json()

    assert {one["pointer"] for one in body["errors"]} >= {"/facts/employes", "/facts/established", "/on"}


def test_before_there_is_a_release_it_says_so(call, db):
    assert call("POST", "evaluate", {"facts": {}}).status_code == 503


def test_an_evaluation_asks_the_database_a_few_questions_only(call, release, django_assert_max_num_queries):
    call("POST", "evaluate", {"facts": {}})

    with django_assert_max_num_queries(4):
        call("POST", "evaluate", {"facts": {"employees": 4}})

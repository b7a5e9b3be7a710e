"""What is otherwise than in the report before, and which of answers, rules and day brought it about: tried, not guessed."""

from copy import deepcopy
from datetime import date

import pytest

from companies.facts import read_profile
from matching.engine.report import make_report
from matching.engine.since import Asked, since
from policies.rules.book import read_rulebook
from tests.matching.catalogue import SNAPSHOT

DAY, LATER = date(2026, 11, 24), date(2027, 3, 1)
ANSWERS = {"established": True, "employees": 40}


def book_of(number=1, change=lambda offers: None, drop=()):
    snapshot = deepcopy(SNAPSHOT)
    policy = snapshot["policies"][0]
    policy["offers"] = [offer for offer in policy["offers"] if offer["offer"] not in drop]
    change({offer["offer"]: offer for offer in policy["offers"]})
    return read_rulebook(snapshot, number=number)


def asked(answers=ANSWERS, day=DAY, book=None):
    book = book or book_of()

    def profile(vocabulary):
        read, faults = read_profile(vocabulary, answers)
        assert not faults
        return read

    return Asked(make_report(book, profile(book.vocabulary), day, {"name": "Example"}, compare=False), book, profile)


def cheaper(offers):
    offers["large-team"]["requires"] = {"all": [{"when": "employees >= 30", "clause": "Art. 1"}]}


def closing(offers):
    offers["founding-reward"]["window"] = {"kind": "fixed", "opens": "2026-01-01", "closes": "2026-12-31"}


def told(before, after):
    return {one["id"].split("/")[1]: one for one in since(before, after)["offers"]}


def test_the_same_question_has_the_same_answer():
    found = since(asked(), asked())

    assert (found["facts"], found["totals"], found["offers"]) == ([], {}, [])


def test_an_answer_given_anew_is_named_with_what_it_changed():
    found = since(asked(), asked({**ANSWERS, "employees": 1200}))

    (fact,) = found["facts"]
    assert (fact["fact"], fact["before"]["en"], fact["after"]["en"]) == ("employees", "40", "1,200")
    (offer,) = found["offers"]
    assert (offer["before"]["group"], offer["after"]["group"]) == ("ineligible", "eligible")
    assert offer["causes"] == ["profile"]
    assert [(one["before"], one["after"]) for one in offer["criteria"]] == [("no", "yes")]


def test_a_forgotten_answer_is_told_as_none():
    (fact,) = since(asked(), asked({"established": True}))["facts"]

    assert (fact["before"]["en"], fact["after"]) == ("40", None)


def test_a_rule_written_anew_is_told_with_the_criterion_that_went_and_the_one_that_came():
    offer = told(asked(), asked(book=book_of(2, cheaper)))["large-team"]

    assert offer["causes"] == ["release"]
    assert [(one["before"], one["after"]) for one in offer["criteria"]] == [(None, "yes"), ("no", None)]


def test_a_day_that_passed_is_the_cause_where_a_window_closed():
    book = book_of(1, closing)

    offer = told(asked(book=book), asked(day=LATER, book=book))["founding-reward"]

    assert offer["causes"] == ["day"]
    assert offer["windows"]["before"]["en"].startswith("open until")


def test_two_inputs_that_are_both_needed_are_both_named():
    def needs_forty_five(offers):
        offers["large-team"]["requires"] = {"all": [{"when": "employees >= 45", "clause": "Art. 1"}]}

    before, after = asked(), asked({**ANSWERS, "employees": 50}, book=book_of(2, needs_forty_five))

    assert told(before, after)["large-team"]["causes"] == ["profile", "release"]


def test_an_input_that_changed_nothing_is_no_cause():
    after = asked({**ANSWERS, "employees": 1200}, day=LATER, book=book_of(2))

    assert told(asked(), after)["large-team"]["causes"] == ["profile"]


@pytest.mark.parametrize("gone", ["before", "after"])
def test_an_offer_that_came_or_went_is_told_by_its_release(gone):
    without = asked(book=book_of(2, drop=("large-team",)))
    pair = (without, asked()) if gone == "before" else (asked(), without)

    offer = told(*pair)["large-team"]

    assert offer[gone] is None
    assert offer["causes"] == ["release"]


def test_the_best_combination_is_told_where_its_sum_is_another():
    found = since(asked(), asked({**ANSWERS, "employees": 1200}))["totals"]

    assert found["now"]["before"]["high"]["total"]["high"] == "500000.00"
    assert found["now"]["after"]["high"]["total"]["high"] == "1300000.00"

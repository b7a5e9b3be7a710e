"""Examples of what a benefit would give: for each form beside its turns, and always what the evaluator says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings

from companies.facts import Profile
from policies.rules import Situation, amount_of, evaluate_number
from policies.rules.benefit_examples import benefit_examples
from policies.rules.benefit_examples.table import MOST_EXAMPLES
from policies.rules.benefit_files import read_benefit
from policies.rules.reading import Reading
from tests.spec.strategies import SAID, bases, benefits_over
from tests.spec.vocabulary import VOCABULARY

DAY = date(2026, 11, 24)
HALVES = [{"share": "60%", "when": SAID}, {"share": "40%", "when": SAID}]


def read(plain):
    reading = Reading(VOCABULARY)
    benefit = read_benefit(plain, (), reading)
    assert benefit is not None, reading.faults
    return benefit


def rows(plain, *facts):
    """Where each company stands, its answers to these facts, and what it gets."""
    found = benefit_examples(read(plain), VOCABULARY, DAY).found
    return [(one.where.en, *(one.values.get(name) for name in facts), one.said.en) for one in found]


UNKNOWN = "while nothing is known yet"

# Each form with the companies that show what it gives.
FORMS = {
    "fixed": ({"fixed": 500}, (), [("whoever qualifies", "CNY 500")]),
    "up_to": ({"up_to": 900}, (), [("whoever qualifies", "up to CNY 900")]),
    "in_kind": ({"in_kind": SAID}, (), [("whoever qualifies", "in kind")]),
    "to_confirm": ({"to_confirm": SAID}, (), [("whoever qualifies", "amount to be confirmed")]),
    "rate": (
        {"rate": "30%", "of": "spend", "floor": 1000, "cap": 500_000},
        ("spend",),
        [
            ("for example", 1_000_000, "CNY 300,000"),
            ("the end of the floor of CNY 1,000: just below", 3_333, "CNY 1,000"),
            ("the end of the floor of CNY 1,000: reached", 3_334, "CNY 1,000.20"),
            ("the end of the floor of CNY 1,000: above", 6_668, "CNY 2,000.40"),
            ("the ceiling of CNY 500,000: just below", 1_666_666, "CNY 499,999.80"),
            ("the ceiling of CNY 500,000: reached", 1_666_667, "CNY 500,000"),
            ("the ceiling of CNY 500,000: above", 3_333_334, "CNY 500,000"),
            (UNKNOWN, None, "CNY 1,000 to CNY 500,000"),
        ],
    ),
    "matching": (
        {"matching": "spend", "rate": "50%"},
        ("spend",),
        [
            ("for example", 1_000_000, "CNY 500,000"),
            ("ten times as much", 10_000_000, "CNY 5 million"),
            (UNKNOWN, None, "amount to be confirmed"),
        ],
    ),
    "per_unit": (
        {"per_unit": 200, "of": "staff", "cap": 5_100},
        ("staff",),
        [
            ("for example", 10, "CNY 2,000"),
            ("the ceiling of CNY 5,100: just below", 25, "CNY 5,000"),
            ("the ceiling of CNY 5,100: reached", 26, "CNY 5,100"),
            ("the ceiling of CNY 5,100: above", 52, "CNY 5,100"),
            (UNKNOWN, None, "up to CNY 5,100"),
        ],
    ),
    "band": (
        {"band": {"of": "staff", "steps": [{"from": 1, "amount": 10}, {"from": 20, "rate": "1%", "of": "spend"}]}},
        ("staff", "spend"),
        [
            ("the step from 1: just below", 0, 1_000_000, "CNY 0"),
            ("the step from 1: reached", 1, 1_000_000, "CNY 10"),
            ("the step from 1: above", 2, 1_000_000, "CNY 10"),
            ("the step from 20: just below", 19, 1_000_000, "CNY 10"),
            ("the step from 20: reached", 20, 1_000_000, "CNY 10,000"),
            ("the step from 20: above", 40, 1_000_000, "CNY 10,000"),
            (UNKNOWN, None, None, "amount to be confirmed"),
        ],
    ),
    "by": (
        {"by": {"fact": "stage", "levels": {"seed": {"rate": "10%", "of": "spend"}}}, "cap": 50_000},
        ("stage", "spend"),
        [
            ("seed", "seed", 1_000_000, "CNY 50,000"),
            ("seed, the ceiling of CNY 50,000: just below", "seed", 499_999, "CNY 49,999.90"),
            ("seed, the ceiling of CNY 50,000: reached", "seed", 500_000, "CNY 50,000"),
            ("any other choice", "grown", 1_000_000, "CNY 0"),
            (UNKNOWN, None, None, "up to CNY 50,000"),
        ],
    ),
    "difference": (
        {"difference": {"of": "revenue", "steps": [{"from": 100, "amount": 10}, {"from": 500, "amount": 60}], "less": "spend"}},
        ("revenue", "spend"),
        [
            ("the step from CNY 100: just below", 99, 0, "CNY 0"),
            ("the step from CNY 100: reached", 100, 0, "CNY 10"),
            ("the step from CNY 100: above", 200, 0, "CNY 10"),
            ("the step from CNY 500: just below", 499, 0, "CNY 10"),
            ("the step from CNY 500: reached", 500, 0, "CNY 60"),
            ("the step from CNY 500: above", 1_000, 0, "CNY 60"),
            ("the step below was paid before", 500, 10, "CNY 50"),
            (UNKNOWN, None, None, "up to CNY 60"),
        ],
    ),
    "tax_rate": (
        {"tax_rate": {"from": "25%", "to": "15%", "of": "revenue"}, "cap": 1_000_000},
        ("revenue",),
        [
            ("for example", 1_000_000, "CNY 100,000"),
            ("the ceiling of CNY 1 million: just below", 9_999_999, "CNY 999,999.90"),
            ("the ceiling of CNY 1 million: reached", 10_000_000, "CNY 1 million"),
            ("the ceiling of CNY 1 million: above", 20_000_000, "CNY 1 million"),
            (UNKNOWN, None, "up to CNY 1 million"),
        ],
    ),
    "tax_deduction": (
        {"tax_deduction": {"extra": "100%", "of": "spend", "at": "25%"}},
        ("spend",),
        [
            ("for example", 1_000_000, "CNY 250,000"),
            ("ten times as much", 10_000_000, "CNY 2.5 million"),
            (UNKNOWN, None, "amount to be confirmed"),
        ],
    ),
    "tax_credit": (
        {"tax_credit": {"rate": "5%", "of": "spend"}},
        ("spend",),
        [
            ("for example", 1_000_000, "CNY 50,000"),
            ("ten times as much", 10_000_000, "CNY 500,000"),
            (UNKNOWN, None, "amount to be confirmed"),
        ],
    ),
    "tax_bands": (
        {"tax_bands": {"of": "revenue", "at": "25%", "steps": [{"from": 0, "to": 100, "taxed": "0%"}, {"from": 100, "taxed": "50%"}]}},
        ("revenue",),
        [
            ("the part that begins at CNY 100: just below", 99, "CNY 24.75"),
            ("the part that begins at CNY 100: reached", 100, "CNY 25"),
            ("the part that begins at CNY 100: above", 200, "CNY 37.50"),
            (UNKNOWN, None, "amount to be confirmed"),
        ],
    ),
    "choose_one": (
        {"choose_one": [{"fixed": 500}, {"rate": "1%", "of": "revenue", "cap": 900}]},
        ("revenue",),
        [
            ("choice 1: whoever qualifies", None, "CNY 500 to CNY 900"),
            ("choice 2: for example", 1_000_000, "CNY 900"),
            ("choice 2: the ceiling of CNY 900: just below", 89_999, "CNY 899.99"),
            ("choice 2: the ceiling of CNY 900: reached", 90_000, "CNY 900"),
            ("choice 2: the ceiling of CNY 900: above", 180_000, "CNY 900"),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_each_form_shows_what_it_gives_beside_its_turns(form):
    plain, facts, expected = FORMS[form]

    assert rows(plain, *facts) == expected


def test_instalments_add_up_to_the_amount_to_the_last_fen():
    found = benefit_examples(
        read({"rate": "33.33%", "of": "spend", "cap": "0.99", "instalments": HALVES}), VOCABULARY, DAY
    ).found

    for one in found:
        if one.amount.status == "exact" and one.parts:
            assert sum(part.amount.low or 0 for part in one.parts) == one.amount.low
    at_the_cap = next(one for one in found if one.where.en.endswith("reached"))
    assert [part.said.en for part in at_the_cap.parts] == ["CNY 0.59", "CNY 0.40"]
    assert [part.said.en for part in found[-1].parts] == ["up to CNY 0.59", "up to CNY 0.40"]


def test_what_counts_each_year_is_said_to():
    assert rows({"fixed": 500, "years": 3})[0][-1] == "CNY 500 a year"


def test_a_kink_inside_the_formula_is_shown_and_where_nobody_comes_is_said():
    found = benefit_examples(read({"rate": "10%", "of": "min(spend, 1000)", "cap": 500}), VOCABULARY, DAY)

    assert [(one.where.en, one.values.get("spend"), one.said.en) for one in found.found[1:4]] == [
        ("CNY 1,000 of spend: just below", 999, "CNY 99.90"),
        ("CNY 1,000 of spend: reached", 1_000, "CNY 100"),
        ("CNY 1,000 of spend: above", 2_000, "CNY 100"),
    ]
    assert [one.en for one in found.not_reached] == ["the ceiling of CNY 500"]


def test_a_base_of_several_facts_moves_one_of_them():
    found = rows({"band": {"of": "spend / staff", "steps": [{"from": 5000, "amount": 10}]}}, "spend", "staff")

    assert found[0] == ("the step from CNY 5,000: just below", 4_999, 1, "CNY 0")
    assert found[1] == ("the step from CNY 5,000: reached", 5_000, 1, "CNY 10")


def test_very_many_steps_are_cut_and_the_rest_is_counted():
    steps = [{"from": 10 * n, "amount": n} for n in range(1, 41)]
    found = benefit_examples(read({"band": {"of": "staff", "steps": steps}}), VOCABULARY, DAY)

    assert len(found.found) == MOST_EXAMPLES
    assert found.left_out == 40 * 3 + 1 - MOST_EXAMPLES


@settings(derandomize=True, deadline=None, max_examples=150)
@given(benefits_over(bases))
@pytest.mark.slow
def test_each_example_is_what_the_evaluator_says_of_that_company(plain):
    benefit = read(plain)
    examples = benefit_examples(benefit, VOCABULARY, DAY)

    assert examples.found
    for one in examples.found:
        company = Situation(VOCABULARY, Profile({}).with_values(**one.values), DAY)
        assert one.amount == amount_of(benefit, company)
        if benefit.limits.cap is not None and one.amount.high is not None:
            assert one.amount.high <= Decimal(benefit.limits.cap.numerator) / benefit.limits.cap.denominator


@settings(derandomize=True, deadline=None, max_examples=60)
@given(bases)
@pytest.mark.slow
def test_a_step_lies_between_the_company_just_below_it_and_the_one_that_reaches_it(of):
    benefit = read({"band": {"of": of, "steps": [{"from": 25, "amount": 10}]}})
    examples = benefit_examples(benefit, VOCABULARY, DAY)
    found = {one.where.en: one.values for one in examples.found}

    def base(where):
        company = Situation(VOCABULARY, Profile({}).with_values(**found[where]), DAY)
        return evaluate_number(benefit.of, company).exact

    for where in found:
        if where.endswith("just below") and "step" in where:
            assert base(where) < Fraction(25)
        if where.endswith("reached") and "step" in where:
            assert base(where) >= Fraction(25)
    assert any("step" in said for said in (*found, *(one.en for one in examples.not_reached)))

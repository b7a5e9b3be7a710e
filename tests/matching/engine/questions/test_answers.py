"""The few answers that stand for all: found from what rules tell apart."""

from datetime import date
from decimal import Decimal

import pytest

from companies.facts import Certificate
from matching.engine.questions.answers import AskedFacts, Mentions, possible_answers
from policies.rules import parse_expression
from tests.spec.vocabulary import VOCABULARY

DAY = date(2026, 11, 24)


def answers(name, *texts):
    asked = AskedFacts(VOCABULARY)
    mentions = Mentions([parse_expression(text, VOCABULARY) for text in texts], asked)
    return possible_answers(VOCABULARY.get(name), mentions, DAY)


TABLE = [
    ("yes and no weigh the same", "foreign", ["foreign"], ((1, True), (1, False))),
    ("what is only denied is rare", "foreign", ["not foreign"], ((1, True), (9, False))),
    ("what is asked for as well is not", "foreign", ["not foreign", "foreign or listed"], ((1, True), (1, False))),
    ("choices that rules tell apart", "stage", ['stage == "seed"'], ((1, "seed"), (1, "grown"))),
    ("choices that no rule tells apart", "stage", ['stage in ["seed", "grown"]'], ((2, "seed"),)),
    ("a number on each side of a line", "staff", ["staff >= 20"], ((1, 19), (1, 21))),
    ("a number between two lines", "staff", ["20 <= staff < 300"], ((1, 19), (1, 21), (1, 301))),
    ("no number below the bound", "staff", ["staff > 0"], ((1, 0), (1, 1))),
    ("lines of a band", "revenue", ["share >= band(revenue, [0, 6%], [100, 4%])"],
     ((1, Decimal(0)), (1, Decimal("0.01")), (1, Decimal("100.01")))),
    ("a line of a ratio is none for money", "spend", ["ratio >= 5%", "spend > 100"],
     ((1, Decimal("99.99")), (1, Decimal("100.01")))),
    ("money that only a ratio asks for", "spend", ["ratio >= 5%"],
     tuple((1, Decimal(value)) for value in (0, 300_000, 3_000_000, 30_000_000, 300_000_000, 3_000_000_000))),
    ("nothing, or one of the many", "fields", ['"health" in fields'], ((2, frozenset()), (1, frozenset({"health"})))),
    ("no exclusion, or one", "fields", ['"health" not in fields'], ((9, frozenset()), (1, frozenset({"health"})))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "texts", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_answers_that_stand_for_all(name, texts, expected):
    assert answers(name, *texts) == expected


def test_a_certificate_that_rules_ask_for_is_tried_as_valid():
    nothing, held = answers("certificates", 'holds("hnte")')

    assert nothing == (2, frozenset())
    assert held == (1, frozenset({Certificate("hnte", None, date(2027, 11, 24))}))


def test_days_are_tried_as_ages():
    assert (1, date(2024, 11, 24)) in answers("founded_on", "years_since(founded_on) >= 1")

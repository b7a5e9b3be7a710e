"""The reference evaluator against the tables of the language."""

from datetime import date

import pytest

from companies.facts import read_profile
from policies.rules import Situation, evaluate_expression, parse_expression, print_expression
from policies.rules.truth import AND, NOT, OR, Truth
from tests.spec.expressions import ROWS
from tests.spec.vocabulary import VOCABULARY

DAY = date(2026, 11, 24)
NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES


@pytest.mark.parametrize(("facts", "text", "answer"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_an_expression_comes_to_its_answer(facts, text, answer):
    profile, faults = read_profile(VOCABULARY, facts)
    assert not faults

    truth = evaluate_expression(parse_expression(text, VOCABULARY), Situation(VOCABULARY, profile, DAY))

    assert truth.value == answer


@pytest.mark.parametrize("text", sorted({row[2] for row in ROWS}))
def test_printing_and_reading_again_changes_nothing(text):
    expression = parse_expression(text, VOCABULARY)

    assert parse_expression(print_expression(expression), VOCABULARY) == expression


def test_the_truth_tables_are_those_of_kleene():
    order = {NO: 0, UNKNOWN: 1, YES: 2}
    for a in Truth:
        for b in Truth:
            assert AND[a, b] is min(a, b, key=order.get)
            assert OR[a, b] is max(a, b, key=order.get)
        assert order[NOT[a]] == 2 - order[a]


def test_a_truth_has_no_truth_value():
    with pytest.raises(TypeError):
        bool(Truth.YES)

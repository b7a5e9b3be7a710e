"""Properties over generated rules and companies: what may never happen, whatever a curator writes."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from companies.facts import read_profile
from policies.rules import RuleFault, Situation, evaluate_offer, parse_expression, print_expression, verdict_of
from tests.spec.strategies import answers, benefits, expressions, trees
from tests.spec.test_verdicts import policy
from tests.spec.vocabulary import VOCABULARY

DAY = date(2026, 11, 24)
SETTLED = {"eligible", "ineligible"}
generated = settings(max_examples=200, deadline=None, derandomize=True)


def _finding(offer, facts):
    profile, faults = read_profile(VOCABULARY, facts)
    assert not faults
    return evaluate_offer(offer, Situation(VOCABULARY, profile, DAY))


@generated
@given(tree=trees, known=answers, more=answers)
def test_answering_more_never_overturns_a_yes_or_a_no(tree, known, more):
    offer = policy({"all": [tree]}).offers[0]
    before = _finding(offer, known)
    after = _finding(offer, {**more, **known})

    assert "error" not in (before.verdict.value, after.verdict.value)
    if before.verdict.value in SETTLED:
        assert after.verdict is before.verdict


@generated
@given(tree=trees, known=answers, more=answers)
def test_facts_that_are_not_asked_for_change_no_open_verdict(tree, known, more):
    offer = policy({"all": [tree]}).offers[0]
    before = _finding(offer, known)
    unasked = {name: value for name, value in more.items() if name not in before.missing and name not in known}

    assert _finding(offer, {**known, **unasked}).verdict is before.verdict


@generated
@given(tree=trees, known=answers)
def test_the_verdict_alone_is_the_verdict_of_the_whole_finding(tree, known):
    offer = policy({"all": [tree]}).offers[0]
    profile, _ = read_profile(VOCABULARY, known)

    assert verdict_of(offer, Situation(VOCABULARY, profile, DAY)) is _finding(offer, known).verdict


@generated
@given(benefit=benefits, known=answers, more=answers)
def test_the_range_of_an_amount_holds_every_amount_it_can_become(benefit, known, more):
    offer = policy({"all": [{"when": "staff >= 0"}]}, benefit).offers[0]
    before = _finding(offer, known).amount
    after = _finding(offer, {**more, **known}).amount

    for end in (after.low, after.high):
        assert end is None or before.contains(end)


@generated
@given(expressions)
def test_parsing_what_was_printed_gives_the_same_expression(text):
    expression = parse_expression(text, VOCABULARY)

    assert parse_expression(print_expression(expression), VOCABULARY) == expression


@generated
@given(st.text(alphabet="staffrevnu 0123456789.<>=%万亿()[],\"'andornti+-*/≥＞５", max_size=60))
def test_any_text_is_read_or_refused_with_a_place(text):
    try:
        parse_expression(text, VOCABULARY)
    except RuleFault as fault:
        refused = fault
    else:
        return
    assert refused.line >= 1
    assert refused.column >= 1
    assert refused.message.zh

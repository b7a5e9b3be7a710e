"""What is said of rules before any company is seen: certain where it is said, for every company there can be."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companies.facts import read_profile
from policies.rules import RuleFault, Situation, parse_expression, verdict_of
from policies.rules.checking import check_sorts
from policies.rules.narrowing import Assumed
from policies.rules.truth import Truth
from tests.spec.conditions import conditions
from tests.spec.strategies import answers, trees, trees_over
from tests.spec.test_verdicts import policy
from tests.spec.vocabulary import VOCABULARY

DAY = date(2026, 11, 24)
NOBODY = Assumed(VOCABULARY, DAY)
generated = settings(max_examples=200, deadline=None, derandomize=True)
# Thresholds close together and few facts, so that many generated rules contradict themselves or repeat each other.
near = st.sampled_from(
    [
        "staff >= 20", "staff > 20", "staff < 20", "staff <= 20", "staff == 20", "20 < staff < 21", "share >= 5%", "share < 5%", "share > 5%",
        "revenue > 100", "revenue < 100", "revenue < spend", "spend <= 50", "foreign", "not foreign", "foreign == listed",
        'stage == "seed"', 'stage != "seed"', 'stage in ["grown"]', 'stage not in ["seed", "grown"]', '"health" in fields',
        '"health" not in fields', 'fields not in ["energy", "health"]', "ratio >= 5%", "ratio < 4%", "years_since(founded_on) >= 1",
        'founded_on > day("2025-11-24")', 'founded_on < day("2025-11-25")', "(staff < 20 or foreign) and staff > 30",
    ]
)  # fmt: skip


def is_readable(text):
    """The writer of conditions knows nothing of measures."""
    try:
        return check_sorts(parse_expression(text, VOCABULARY), VOCABULARY).name == "truth"
    except RuleFault:
        return False


either = st.one_of(trees, trees_over(near), trees_over(conditions.filter(is_readable)))


def rule(tree):
    return policy({"all": [tree]}).offers[0]


def verdict(offer, facts):
    profile, faults = read_profile(VOCABULARY, facts)
    assert not faults
    return verdict_of(offer, Situation(VOCABULARY, profile, DAY)).value


@pytest.mark.slow
@generated
@given(tree=either, companies=st.lists(answers, min_size=1, max_size=8))
def test_a_rule_called_impossible_lets_no_company_in_and_one_called_always_true_turns_none_away(tree, companies):
    offer = rule(tree)
    truth = NOBODY.truth_of(offer.requires)

    for facts in companies:
        if truth is Truth.NO:
            assert verdict(offer, facts) not in ("eligible", "needs_review", "not_modelled")
        if truth is Truth.YES:
            assert verdict(offer, facts) != "ineligible"


@pytest.mark.slow
@generated
@given(tree=either, other=either, companies=st.lists(answers, min_size=1, max_size=8))
def test_what_follows_from_a_rule_holds_for_every_company_that_meets_it(tree, other, companies):
    given_rule, offer = rule(tree), rule(other)
    inside = NOBODY.assume([given_rule.requires])

    for facts in companies:
        if verdict(given_rule, facts) != "eligible":
            continue
        assert not inside.is_empty
        truth = inside.truth_of(offer.requires)
        assert truth is not Truth.NO or verdict(offer, facts) != "eligible"
        assert truth is not Truth.YES or verdict(offer, facts) != "ineligible"


IMPOSSIBLE = [
    ["staff > 20", "staff < 21"],
    ["staff >= 20", "staff < 20"],
    ["share > 5%", "share <= 5%"],
    ["revenue > 100", "revenue < 100.01"],
    ["revenue < spend", "spend <= 50", "revenue >= 50"],
    ["foreign", "not foreign"],
    ['stage == "seed"', 'stage in ["grown"]'],
    ['"health" in fields', '"health" not in fields'],
    ['holds("hnte")', 'not holds("hnte")'],
    ['founded_on > day("2025-11-24")', 'founded_on < day("2025-11-25")'],
    ["staff <= 10", "revenue - revenue > 0 and staff > 10"],
]
POSSIBLE = [
    ["staff >= 20", "staff <= 20"],
    ["share > 4.9%", "share < 5%"],
    ["revenue < spend", "spend <= 50"],
    ["foreign", "listed"],
    ['stage == "seed"', 'stage in ["grown", "seed"]'],
    # Whoever has no revenue has no ratio: a person has to look, so nothing is certain.
    ["ratio >= 5%", "ratio < 4%"],
    ['"health" in fields', '"energy" not in fields'],
]


@pytest.mark.parametrize("texts", IMPOSSIBLE, ids=" & ".join)
def test_criteria_that_contradict_each_other_are_impossible(texts):
    assert NOBODY.truth_of(rule({"all": [{"when": text} for text in texts]}).requires) is Truth.NO


@pytest.mark.parametrize("texts", POSSIBLE, ids=" & ".join)
def test_criteria_that_some_company_meets_are_not_called_impossible(texts):
    assert NOBODY.truth_of(rule({"all": [{"when": text} for text in texts]}).requires) is Truth.UNKNOWN


def test_a_choice_between_branches_that_all_contradict_the_rest_is_impossible():
    tree = {"all": [{"when": "staff < 10"}, {"any": [{"when": "staff > 20"}, {"all": [{"when": "staff > 30"}, {"when": "foreign"}]}]}]}  # fmt: skip

    assert NOBODY.truth_of(rule(tree).requires) is Truth.NO


def test_judged_leaves_are_never_settled():
    tree = {"all": [{"judged": {"en": "Experts agree", "zh": "专家同意"}}, {"when": "staff >= 0"}]}

    assert NOBODY.truth_of(rule(tree).requires) is Truth.UNKNOWN

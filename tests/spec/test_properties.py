"""Properties over generated rules and companies: what may never happen, whatever a curator writes."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from companies.facts import read_profile
from policies.rules import RuleFault, Situation, evaluate_offer, parse_expression, print_expression, verdict_of
from tests.spec.test_verdicts import policy
from tests.spec.vocabulary import VOCABULARY

DAY = date(2026, 11, 24)
SETTLED = {"eligible", "ineligible"}
SAID = {"en": "Experts agree", "zh": "专家同意"}

answers = st.fixed_dictionaries(
    {},
    optional={
        "staff": st.sampled_from([0, 19, 20, 21, 300]),
        "revenue": st.sampled_from([0, 1, 100, "49999999.99", 50000000]),
        "spend": st.sampled_from([0, 5, 2500000]),
        "share": st.sampled_from(["0%", "4%", "5%", "100%"]),
        "foreign": st.booleans(),
        "listed": st.booleans(),
        "stage": st.sampled_from(["seed", "grown"]),
        "fields": st.sampled_from([[], ["health"], ["health", "energy"]]),
        "founded_on": st.sampled_from(["2025-11-24", "2025-11-25", "2000-02-29"]),
        "certificates": st.sampled_from([[], [{"kind": "hnte"}], [{"kind": "hnte", "expires": "2026-11-24"}]]),
    },
)
expressions = st.sampled_from(
    [
        "staff >= 20", "revenue < 5000万", "spend / revenue >= 5%", "ratio >= 5%", "share >= band(revenue, [0, 6%], [5000万, 4%])",
        "foreign", "not listed", 'stage == "seed"', '"health" in fields', 'fields in ["energy"]', 'holds("hnte")',
        "years_since(founded_on) >= 1", "foreign or staff > 20 and listed", "max(spend, revenue) >= 100", "revenue - spend > 0",
        "share >= (5% if foreign else 4%)", "20 <= staff < 300",
    ]
)  # fmt: skip
leaves = st.one_of(
    expressions.map(lambda text: {"when": text}), st.just({"judged": SAID}), st.just({"not_modelled": SAID})
)
trees = st.recursive(
    leaves,
    lambda node: st.one_of(
        st.lists(node, min_size=1, max_size=3).map(lambda of: {"all": of}),
        st.lists(node, min_size=1, max_size=3).map(lambda of: {"any": of}),
        st.lists(node, min_size=2, max_size=3).map(lambda of: {"at_least": 2, "of": of}),
        node.map(lambda one: {"not": one}),
    ),
    max_leaves=8,
)
benefits = st.sampled_from(
    [
        {"rate": "10%", "of": "spend", "cap": 50000},
        {"band": {"of": "revenue", "steps": [{"from": 0, "amount": 10}, {"from": 100, "rate": "3%", "of": "spend"}]}},
        {"per_unit": 200, "of": "staff", "floor": 1000},
        {"choose_one": [{"fixed": 500}, {"rate": "1%", "of": "revenue", "cap": 900}]},
        {"tax_rate": {"from": "25%", "to": "15%", "of": "revenue"}},
    ]
)
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

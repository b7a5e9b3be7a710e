"""One company at a time says what the reference evaluator says: every status, every verdict, every word."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companies.facts import Vocabulary, read_profile
from matching.engine.plan import compile_plan, evaluate_profile, explain
from policies.rules import Situation, Verdict, evaluate_offer, finding_to_plain
from tests.spec.strategies import answers, trees
from tests.spec.test_properties import DAY
from tests.spec.test_verdicts import policy
from tests.spec.vocabulary import VOCABULARY

generated = settings(max_examples=300, deadline=None, derandomize=True)

# Each of these can go wrong in a way of its own: ends of ranges, days, sets, choices, conditions inside conditions.
EDGES = (
    "staff > 19.5", "staff == 20", "staff != 20", "not 20 < staff <= 21", "staff >= 20 and staff < 300 or not staff != 0",
    "revenue >= 49999999.99", "share > 5%", "5% == share", 'founded_on < day("2025-11-25")', "months_since(founded_on) > 11.5",
    "years_since(founded_on) == 0", "years_since(founded_on) < 1 or years_since(founded_on) >= 27", 'stage in ["seed", "grown"]',
    'stage not in ["seed"]', '"energy" not in fields', 'fields in ["health", "energy"] and not foreign', 'not holds("hnte", "title")',
    'holds("title") or staff >= 20', "foreign != listed", "foreign == true", "band(staff, 1, [20, 2], [300, 3]) >= 2",
    "(staff if foreign else 20) >= 20", "staff >= (20 if staff < 300 else 400)", "1 <= 2", "listed or spend / revenue >= 5%",
)  # fmt: skip
leaves = st.sampled_from(EDGES).map(lambda text: {"when": text})
edge_trees = st.one_of(
    leaves,
    leaves.map(lambda leaf: {"not": leaf}),
    st.lists(leaves, min_size=2, max_size=4).map(lambda of: {"any": [{"all": of}, {"not": {"at_least": 2, "of": of}}]}),
)
edge_answers = st.fixed_dictionaries(
    {},
    optional={
        "staff": st.sampled_from([0, 19, 20, 21, 299, 300, 301]),
        "revenue": st.sampled_from(["49999999.98", "49999999.99", 50000000]),
        "spend": st.sampled_from([0, 2500000]),
        "share": st.sampled_from(["4.999999%", "5%", "5.000001%"]),
        "foreign": st.booleans(),
        "listed": st.booleans(),
        "stage": st.sampled_from(["seed", "grown"]),
        "fields": st.sampled_from([[], ["health"], ["energy", "health"]]),
        "founded_on": st.sampled_from(
            [
                "1999-11-24",
                "1999-11-25",
                "2024-02-29",
                "2025-11-23",
                "2025-11-24",
                "2025-11-25",
                "2026-11-24",
                "2026-11-25",
            ]
        ),
        "certificates": st.lists(
            st.fixed_dictionaries(
                {"kind": st.sampled_from(["hnte", "title"])},
                optional={
                    "issued": st.sampled_from(["2026-11-24", "2026-11-25"]),
                    "expires": st.sampled_from(["2026-11-25", "2026-12-24"]),
                },
            ),
            max_size=2,
        ),
    },
)


def statuses_of(finding):
    return [finding.status, *(status for child in finding.children for status in statuses_of(child))]


def told(node):
    """What an explanation says of a node whatever the company has answered."""
    kept = ("kind", "status", "sentence", "required", "clause", "source", "confidence", "note")
    return {**{name: node[name] for name in kept}, "children": [told(child) for child in node["children"]]}


def agrees(requirements, rows, day=DAY):
    offers = [policy({"all": [tree]}).offers[0] for tree in requirements]
    plan = compile_plan(offers, VOCABULARY, day)
    for row in rows:
        profile, _faults = read_profile(VOCABULARY, row)
        found = evaluate_profile(plan, profile)
        explained = json.loads(explain(found, profile, range(len(offers))))
        for at, offer in enumerate(offers):
            wanted = evaluate_offer(offer, Situation(VOCABULARY, profile, day))
            assert found.verdict(at) is wanted.verdict
            assert found.statuses(at) == statuses_of(wanted.finding)
            entry = explained["offers"][at]
            assert entry["verdict"] == wanted.verdict
            assert told(entry["finding"]) == told(finding_to_plain(wanted)["finding"])


@pytest.mark.slow
@generated
@given(st.lists(trees, min_size=1, max_size=4), st.lists(answers, min_size=1, max_size=4))
def test_statuses_verdicts_and_words_are_those_of_the_reference(requirements, rows):
    agrees(requirements, rows)


@pytest.mark.slow
@generated
@given(st.lists(edge_trees, min_size=1, max_size=3), st.lists(edge_answers, min_size=1, max_size=6))
def test_they_are_beside_every_threshold_too(requirements, rows):
    agrees(requirements, rows)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.sampled_from([date(2024, 2, 29), date(2025, 2, 28), date(2026, 3, 1)]), edge_answers)
def test_they_are_on_days_around_the_end_of_february(day, row):
    requirements = [{"when": text} for text in EDGES if "since" in text]
    agrees(requirements, [row, {"founded_on": "2024-02-29"}, {"founded_on": "2023-02-28"}], day)


def test_a_criterion_at_fault_makes_only_its_own_offer_an_error():
    offers = [policy({"all": [{"when": when}]}).offers[0] for when in ("staff >= 20", "revenue >= 5")]
    without_revenue = Vocabulary(VOCABULARY.sections, tuple(fact for fact in VOCABULARY if fact.name != "revenue"))
    plan = compile_plan(offers, without_revenue, DAY)
    profile, _faults = read_profile(VOCABULARY, {"staff": 20})

    found = evaluate_profile(plan, profile)

    assert [found.verdict(at) for at in range(2)] == [Verdict.ELIGIBLE, Verdict.ERROR]
    assert json.loads(explain(found, profile, [1]))["offers"] == [{"id": "p/o", "verdict": "error", "finding": None}]


def test_an_explanation_shows_what_is_eligible_or_open_and_the_answers_it_speaks_of():
    offers = [policy({"all": [{"when": when}]}).offers[0] for when in ("staff >= 20", "staff < 5", "revenue >= 5")]
    plan = compile_plan(offers, VOCABULARY, DAY)
    profile, _faults = read_profile(VOCABULARY, {"staff": 20, "spend": 7})

    explained = json.loads(explain(evaluate_profile(plan, profile), profile))

    assert [entry["verdict"] for entry in explained["offers"]] == ["eligible", "undetermined"]
    assert explained["values"] == {"staff": 20, "revenue": None}
    assert explained["day"] == "2026-11-24"

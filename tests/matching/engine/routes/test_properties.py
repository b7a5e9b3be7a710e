"""Routes over generated rules and companies: every one leads where it says, within bounds, and needs all it names."""

from itertools import combinations, product

import pytest
from hypothesis import given, settings

from matching.engine.canonical import canonical_text
from matching.engine.routes.conditions import conditions_of
from policies.rules import Situation, expression_facts, verdict_of
from policies.rules.situation import asked_facts
from tests.matching.engine.routes.paths import DAY, an_offer, answer, go
from tests.matching.engine.routes.paths import profile_of as answered
from tests.spec.test_properties import answers, trees
from tests.spec.vocabulary import VOCABULARY

pytestmark = pytest.mark.slow
generated = settings(max_examples=250, deadline=None, derandomize=True)


@generated
@given(tree=trees, known=answers)
def test_every_route_leads_where_it_says(tree, known):
    offer, profile = an_offer({"all": [tree]}, VOCABULARY), answered(VOCABULARY, **known)

    said = answer(offer, profile, VOCABULARY)

    assert bool(said["routes"]) is (said["none"] is None)
    assert said["none"] is None or said["none"]["code"] in ("met", "fixed", "too_many", "given_up")
    canonical_text(said)


@generated
@given(tree=trees, known=answers)
def test_no_route_names_a_change_that_it_does_not_need(tree, known):
    offer, profile = an_offer({"all": [tree]}, VOCABULARY), answered(VOCABULARY, **known)

    for route in answer(offer, profile, VOCABULARY)["routes"]:
        for change in route["changes"]:
            less = {**route, "changes": [other for other in route["changes"] if other is not change]}
            assert go(less, offer, profile, VOCABULARY, DAY).value in ("ineligible", "undetermined")


@generated
@given(tree=trees, known=answers)
def test_values_stay_within_the_bounds_of_their_facts(tree, known):
    offer, profile = an_offer({"all": [tree]}, VOCABULARY), answered(VOCABULARY, **known)

    for route in answer(offer, profile, VOCABULARY)["routes"]:
        # Reading them back refuses what is out of bounds.
        answered(VOCABULARY, **{one["fact"]: one["to"] for one in route["changes"] if one["kind"] != "wait"})


@generated
@given(tree=trees, known=answers)
def test_a_route_is_found_only_where_the_offer_is_open_or_failing(tree, known):
    offer, profile = an_offer({"all": [tree]}, VOCABULARY), answered(VOCABULARY, **known)
    verdict = verdict_of(offer, Situation(VOCABULARY, profile, DAY)).value

    said = answer(offer, profile, VOCABULARY)

    assert (said["none"] is not None and said["none"]["code"] == "met") is (
        verdict not in ("ineligible", "undetermined")
    )


@generated
@given(tree=trees, first=answers, second=answers)
def test_what_is_kept_from_one_company_changes_nothing_for_the_next(tree, first, second):
    offer = an_offer({"all": [tree]}, VOCABULARY)
    conditions_of(VOCABULARY).remembered.clear()
    alone = answer(offer, answered(VOCABULARY, **second), VOCABULARY)
    conditions_of(VOCABULARY).remembered.clear()

    answer(offer, answered(VOCABULARY, **first), VOCABULARY)

    assert answer(offer, answered(VOCABULARY, **second), VOCABULARY) == alone


# Values on both sides of every line that the generated rules draw.
VALUES = {
    "staff": [0, 19, 20, 21, 299, 300],
    "revenue": ["0.01", 1, 100, "100.01", "49999999.99", 50000000, 120000000],
    "spend": [0, 5, 100, 2500000, 7000000],
    "share": ["0%", "4%", "5%", "6%", "100%"],
    "foreign": [True, False],
    "listed": [True, False],
    "stage": ["seed", "grown"],
    "fields": [[], ["health"], ["energy"], ["health", "energy"]],
    "founded_on": ["2025-11-24", "2025-11-25"],
    "certificates": [[], [{"kind": "hnte", "expires": "2026-11-24"}]],
}
GOOD = ("eligible", "needs_review", "not_modelled")


def tried_out(offer, profile):
    """The fewest facts, of at most two, that have to be other ones; by trying. Nobody gives a certificate back."""
    names = asked_facts(frozenset(name for when in offer.expressions for name in expression_facts(when)), VOCABULARY)
    names -= {"certificates"} & set(profile.answers)
    for count in (1, 2):
        for changed in combinations(sorted(names), count):
            for values in product(*(VALUES[name] for name in changed)):
                given = answered(VOCABULARY, **dict(zip(changed, values, strict=True)))
                then = Situation(VOCABULARY, profile.with_answers(given.answers), DAY)
                if verdict_of(offer, then).value in GOOD:
                    return count
    return None


@settings(max_examples=400, deadline=None, derandomize=True)
@given(tree=trees, known=answers)
def test_no_smaller_set_of_changes_is_found_by_trying(tree, known):
    offer, profile = an_offer({"all": [tree]}, VOCABULARY), answered(VOCABULARY, **known)
    said = answer(offer, profile, VOCABULARY)
    if said["none"] is not None and said["none"]["code"] == "met":
        return

    fewest = tried_out(offer, profile)

    if fewest is not None:
        # Asking for two answers may come before one real change, which is why the smallest of the routes counts.
        assert said["routes"]
        first = said["routes"][0]["changes"]
        real = [change for change in first if change["kind"] != "find_out"]
        assert len(first) <= fewest or len(real) < fewest

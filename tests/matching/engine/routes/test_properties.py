"""Routes over generated rules and companies: every one leads where it says, within bounds, and needs all it names."""

import pytest
from hypothesis import given, settings

from matching.engine.canonical import canonical_text
from policies.rules import Situation, verdict_of
from tests.matching.engine.routes.paths import DAY, an_offer, answer, go
from tests.matching.engine.routes.paths import profile_of as answered
from tests.spec.test_properties import answers, trees
from tests.spec.vocabulary import VOCABULARY

pytestmark = pytest.mark.slow
generated = settings(max_examples=400, deadline=None, derandomize=True)


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

"""The plan says of every company what the reference evaluator says: over generated rules and companies."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companies.facts import read_profile
from matching.engine.plan import STATUSES, VERDICTS, amounts_of, columns_of, compile_plan, evaluate_plan
from policies.rules import Situation, amount_of, verdict_of
from tests.spec.strategies import answers, benefits, trees
from tests.spec.test_properties import DAY
from tests.spec.test_verdicts import policy
from tests.spec.vocabulary import VOCABULARY

generated = settings(max_examples=300, deadline=None, derandomize=True)
companies = st.lists(answers, min_size=1, max_size=70)


def profiles_of(rows):
    read = [read_profile(VOCABULARY, row) for row in rows]
    assert not any(faults for _, faults in read)
    return [profile for profile, _ in read]


@pytest.mark.slow
@generated
@given(st.lists(trees, min_size=1, max_size=4), companies)
def test_verdicts_and_their_counts_are_those_of_the_reference(requirements, rows):
    offers = [policy({"all": [tree]}).offers[0] for tree in requirements]
    profiles = profiles_of(rows)

    result = evaluate_plan(compile_plan(offers, VOCABULARY, DAY), columns_of(VOCABULARY, profiles))

    for at, offer in enumerate(offers):
        wanted = [VERDICTS.index(verdict_of(offer, Situation(VOCABULARY, profile, DAY))) for profile in profiles]
        assert result.verdicts(at).tolist() == wanted
        assert result.counts()[at].tolist() == [wanted.count(code) for code in range(len(VERDICTS))]


@pytest.mark.slow
@generated
@given(benefits, companies)
def test_amounts_are_those_of_the_reference(benefit, rows):
    offer = policy({"all": [{"when": "staff >= 0"}]}, benefit).offers[0]
    profiles = profiles_of(rows)
    plan = compile_plan([offer], VOCABULARY, DAY)

    found = amounts_of(plan, columns_of(VOCABULARY, profiles)).of(0)

    for row, profile in enumerate(profiles):
        amount = amount_of(offer.benefit, Situation(VOCABULARY, profile, DAY), offer.kind)
        assert STATUSES[found.status[row]] == amount.status
        assert found.ends(row) == tuple(None if end is None else int(end * 100) for end in (amount.low, amount.high))

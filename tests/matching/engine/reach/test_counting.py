"""Counts over a population are those of a slow loop with the reference evaluator; what changes adds up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companies.facts import read_profile
from matching.engine.plan import VERDICTS, columns_of
from matching.engine.plan.bits import every_row
from matching.engine.plan.joining import joined_with_gaps
from matching.engine.reach import ABSENT, MEASURES, MONEY, OF_POLICY, count_reach, criteria_of, plan_reach
from tests.matching.engine.plan.companies import real_rulebook, seeded_profiles
from tests.matching.engine.reach.slow import slow_counts
from tests.spec.strategies import answers, benefits, trees
from tests.spec.test_properties import DAY
from tests.spec.test_verdicts import policy
from tests.spec.vocabulary import VOCABULARY

generated = settings(max_examples=50, deadline=None, derandomize=True)
companies = st.lists(answers, min_size=1, max_size=70)
offers = st.lists(st.tuples(trees, benefits), max_size=3)
BOTH = {"en": "Zone", "zh": "区"}
LISTS = {
    "zones": [
        {"key": "grown-up", "label": BOTH, "facts": {"stage": "grown", "listed": True}},
        {"key": "domestic", "label": BOTH, "facts": {"foreign": False}},
        {"key": "healthy", "label": BOTH, "facts": {"fields": ["health"]}},
        {"key": "unheard-of", "label": BOTH, "facts": {"no_such_fact": True}},
        {"key": "nothing-said", "label": BOTH},
    ]
}


def drawn_offers(drawn):
    return [
        replace(policy({"all": [tree]}, benefit).offers[0], key=f"o{at}") for at, (tree, benefit) in enumerate(drawn)
    ]


def counted(reach_plan, profiles, cuts=()):
    """The population in parts of any size, joined in two halves that are added up."""
    edges = [0, *sorted(cuts), len(profiles)]
    parts = [profiles[start:stop] for start, stop in pairwise(edges)]
    columns = [columns_of(reach_plan.plan.vocabulary, part).only(reach_plan.facts) for part in parts]
    halves = [columns[: len(columns) // 2], columns[len(columns) // 2 :]]
    found = [count_reach(reach_plan, *joined_with_gaps(reach_plan.plan.vocabulary, half)) for half in halves if half]
    return found[0] + found[1] if len(found) == 2 else found[0]


def check(reach_plan, reach, wanted):
    counts, money, near_by = wanted
    for at, (grouping, group, _label) in enumerate(reach_plan.lines):
        line = (grouping, group)
        assert reach.companies[at] == counts["", line, "companies"], line
        for measure in OF_POLICY:
            assert reach.of_policy(measure, at) == counts["", line, measure], (line, measure)
        for one in reach.offers:
            for measure in MEASURES:
                assert one.count(measure, at) == counts[one.offer, line, measure], (one.offer, line, measure)
    for one, (old, new) in zip(reach.offers, reach_plan.offers, strict=True):
        for whose in MONEY:
            for end in ("low", "high", "low_unknown", "high_unknown"):
                assert getattr(one.money[whose], end) == money[one.offer, whose, end], (one.offer, whose, end)
        assert one.money_by_line[0] == one.money["eligible"]
        criteria = criteria_of(new.requires) if new else ()
        assert dict(zip(criteria, one.near_by.tolist(), strict=True)) == {
            when: near_by[one.offer, when] for when in criteria
        }
        assert one.revalued == counts[one.offer, "revalued"]
        places = [*VERDICTS, None]
        for then in range(ABSENT + 1):
            for now in range(ABSENT + 1):
                wanted_moves = counts[one.offer, "move", places[then], places[now]]
                assert one.moves[then, now] == wanted_moves
        assert old or new


@pytest.mark.slow
@generated
@given(offers, offers, companies, st.lists(st.integers(0, 70), max_size=2))
def test_counts_are_those_of_a_slow_loop(new, old, rows, cuts):
    after, before = drawn_offers(new or old[:1] or [({"when": "staff >= 20"}, {"fixed": 100})]), drawn_offers(old)
    profiles = [read_profile(VOCABULARY, row)[0] for row in rows]
    reach_plan = plan_reach(after, before, VOCABULARY, LISTS, DAY)

    reach = counted(reach_plan, profiles, [min(cut, len(rows)) for cut in cuts])

    check(reach_plan, reach, slow_counts(after, before, VOCABULARY, reach_plan.groupings, profiles, DAY))


@pytest.mark.slow
@pytest.mark.parametrize("key", ["cn-tech-sme", "cp-health-2026-2028", "cp-hnte-cultivation", "bj-sme-2026"])
def test_on_the_real_catalogue_too(key):
    book, day = real_rulebook(), date(2026, 11, 24)
    before = book.policy(key).offers
    # The draft: the first offer is gone, the second asks less, and the third one more.
    after = [replace(offer, requires=replace(offer.requires, of=offer.requires.of[1:])) for offer in before[1:2]]
    after += [replace(offer, requires=offer.requires) for offer in before[2:]] or list(before[:1])
    profiles = list(seeded_profiles(book, 150, missing=0.05))
    reach_plan = plan_reach(after, before, book.vocabulary, book.lists, day)

    reach = counted(reach_plan, profiles, [50])

    check(reach_plan, reach, slow_counts(after, before, book.vocabulary, reach_plan.groupings, profiles, day))
    assert [grouping.key for grouping in reach_plan.groupings] == ["sector", "size", "zone"]


@pytest.mark.slow
@generated
@given(offers, offers, companies)
def test_who_gains_and_who_loses_make_up_the_difference(new, old, rows):
    after, before = drawn_offers(new), drawn_offers(old)
    if not after and not before:
        return
    profiles = [read_profile(VOCABULARY, row)[0] for row in rows]

    reach = counted(plan_reach(after, before, VOCABULARY, LISTS, DAY), profiles)

    for one in reach.offers:
        for line in range(len(reach.companies)):
            before_, gained, lost = (one.count(name, line) for name in ("before", "gained", "lost"))
            assert one.count("eligible", line) == before_ + gained - lost
        money = one.money
        assert money["eligible"] == money["gained"] + money["kept"]
        assert money["before"] == money["lost"] + money["kept_before"]
        assert one.revalued <= money["kept"].companies


def test_a_company_one_criterion_away_is_near_and_one_two_away_is_not():
    (offer,) = policy({"all": [{"when": "staff >= 20"}, {"when": "foreign"}, {"judged": BOTH}]}).offers
    rows = [
        {"staff": 19, "foreign": True},
        {"staff": 19, "foreign": False},
        {"staff": 20, "foreign": False},
        {"staff": 1},
    ]
    profiles = [read_profile(VOCABULARY, row)[0] for row in rows]
    reach_plan = plan_reach([offer], [], VOCABULARY, {}, DAY)

    (found,) = count_reach(reach_plan, columns_of(VOCABULARY, profiles), every_row(4)).offers

    assert found.count("near") == 2
    assert found.near_by.tolist() == [1, 1]


def test_a_criterion_said_twice_is_one_criterion():
    twice = {"all": [{"when": "staff >= 20"}, {"any": [{"when": "staff >= 20"}, {"when": "foreign"}]}]}
    (offer,) = policy(twice).offers
    profiles = [read_profile(VOCABULARY, {"staff": 19, "foreign": False})[0]]
    reach_plan = plan_reach([offer], [], VOCABULARY, {}, DAY)

    (found,) = count_reach(reach_plan, columns_of(VOCABULARY, profiles), every_row(1)).offers

    assert found.count("near") == 1


def test_amounts_too_large_for_eight_bytes_are_compared_too():
    def offer(rate):
        return policy({"all": [{"when": "revenue > 0"}]}, {"rate": rate, "of": "revenue"}).offers[0]

    profiles = [read_profile(VOCABULARY, {"revenue": 3 * 10**11})[0], read_profile(VOCABULARY, {"revenue": 5})[0]]
    huge = policy({"all": [{"when": "revenue > 0"}]}, {"rate": "100%", "of": "revenue * 10000000"}).offers[0]
    reach_plan = plan_reach([huge], [offer("100%")], VOCABULARY, {}, DAY)

    (found,) = count_reach(reach_plan, columns_of(VOCABULARY, profiles), every_row(2)).offers

    assert found.revalued == 2
    assert found.money["eligible"].low == (3 * 10**11 + 5) * 10**7 * 100


def test_nobody_is_counted_as_nobody():
    (offer,) = policy({"all": [{"when": "staff >= 20"}]}).offers
    reach_plan = plan_reach([offer], [offer], VOCABULARY, LISTS, DAY)

    reach = count_reach(reach_plan, *joined_with_gaps(VOCABULARY, []))

    assert not reach.companies.any()
    assert not reach.offers[0].counts.any()

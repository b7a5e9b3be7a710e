"""Parts of a population: stored and read back without loss, joined anywhere, compared company by company."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companies.facts import Answer, Profile, read_profile
from matching.engine.plan import VERDICTS, columns_of, compile_plan
from matching.engine.plan.bits import unpack
from matching.engine.populations import (
    IN_REACH,
    Difference,
    JoinedParts,
    Outcome,
    differences_between,
    evaluate_part,
    parts,
    read_bits,
    read_numbers,
    read_part,
    store_bits,
    store_numbers,
    store_part,
)
from policies.rules import Situation, Verdict, amount_of, verdict_of
from tests.spec.strategies import answers, benefits, trees
from tests.spec.test_properties import DAY
from tests.spec.test_verdicts import policy
from tests.spec.vocabulary import VOCABULARY

generated = settings(max_examples=60, deadline=None, derandomize=True)
companies = st.lists(answers, min_size=1, max_size=70)
offers_drawn = st.lists(st.tuples(trees, benefits), min_size=1, max_size=3)


def offers_of(drawn):
    return [policy({"all": [tree]}, benefit).offers[0] for tree, benefit in drawn]


def profiles_of(rows):
    return [read_profile(VOCABULARY, row)[0] for row in rows]


def part_of(offers, profiles, day=DAY, first=1, versions=None):
    ids = np.arange(first, first + len(profiles), dtype=np.int64)
    plan = compile_plan(offers, VOCABULARY, day)
    return evaluate_part(plan, columns_of(VOCABULARY, profiles), ids, ids * 10 if versions is None else versions)


def outcome(offer, profile, day=DAY):
    """What the reference evaluator says."""
    situation = Situation(VOCABULARY, profile, day)
    verdict = verdict_of(offer, situation)
    if verdict not in IN_REACH:
        return Outcome(verdict)
    amount = amount_of(offer.benefit, situation, offer.kind)
    return Outcome(verdict, amount.status, *(None if e is None else int(e * 100) for e in (amount.low, amount.high)))


@pytest.mark.slow
@generated
@given(st.lists(st.booleans(), max_size=200), st.lists(st.integers(0, 2**62), max_size=100))
def test_bits_and_ids_survive_storage(flags, ids):
    words = np.zeros((len(flags) + 63) // 64, np.uint64)
    for place in np.flatnonzero(flags).tolist():
        words[place // 64] |= np.uint64(1) << np.uint64(place % 64)
    numbers = np.array(sorted(ids), np.int64)

    assert unpack(read_bits(store_bits(words), len(flags)), len(flags)).tolist() == flags
    assert read_numbers(store_numbers(numbers), len(ids)).tolist() == sorted(ids)


@pytest.mark.slow
@generated
@given(offers_drawn, companies)
def test_a_part_that_was_stored_is_the_same_part(drawn, rows):
    offers = offers_of(drawn)[:1]
    part = part_of(offers, profiles_of(rows))

    again = read_part(store_part(part))

    assert again.digest() == part.digest()
    assert again.versions.tolist() == part.versions.tolist()
    assert list(differences_between(part, again)) == []


@pytest.mark.slow
@generated
@given(trees, benefits, companies, companies, st.integers(0, 400))
def test_a_difference_is_told_exactly_where_the_reference_sees_one(tree, benefit, earlier, later, days):
    offer = policy({"all": [tree]}, benefit).offers[0]
    old, new = profiles_of(earlier), profiles_of(later)
    day = DAY + timedelta(days=days)
    common = min(len(old), len(new))
    wanted = []
    for row in range(common):
        before, after = outcome(offer, old[row]), outcome(offer, new[row], day)
        if before != after:
            versions = {"old_version": (row + 1) * 10, "new_version": (row + 1) * 10}
            wanted.append(Difference(row + 1, offer.id, before, after, **versions))

    found = differences_between(part_of([offer], old), part_of([offer], new, day))

    assert list(found) == wanted


@pytest.mark.slow
@generated
@given(trees, benefits, companies, st.data())
def test_parts_cut_anywhere_join_to_the_whole(tree, benefit, rows, data):
    offer = policy({"all": [tree]}, benefit).offers[0]
    profiles = profiles_of(rows)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=3)))
    edges = [0, *cuts, len(rows)]
    joined = JoinedParts([offer.id], len(rows))

    for start, stop in pairwise(edges):
        joined.add(part_of([offer], profiles[start:stop], first=start + 1))

    (line,) = joined.lines()
    wanted = [outcome(offer, profile) for profile in profiles]
    assert joined.companies.tolist() == list(range(1, len(rows) + 1))
    for verdict in VERDICTS:
        assert line.counts[verdict] == sum(one.verdict is verdict for one in wanted)
        if verdict in line.bits:
            assert unpack(line.bits[verdict], len(rows)).tolist() == [one.verdict is verdict for one in wanted]
    for total, among in ((line.eligible, [Verdict.ELIGIBLE]), (line.in_reach, IN_REACH)):
        counted = [one for one in wanted if one.verdict in among]
        assert total.companies == len(counted)
        assert total.low == sum(one.low or 0 for one in counted)
        assert total.high == sum(one.high or 0 for one in counted)
        assert total.low_unknown == sum(one.low is None for one in counted)
        assert total.high_unknown == sum(one.high is None for one in counted)


def test_an_amount_too_large_for_eight_bytes_is_kept_and_compared():
    offer = policy({"all": [{"when": "revenue > 0"}]}, {"rate": "100%", "of": "revenue"}).offers[0]
    huge, larger, five = (Profile({"revenue": Answer(Decimal(n))}) for n in (3 * 10**17, 3 * 10**17 + 1, 5))
    before, after = part_of([offer], [huge, five]), part_of([offer], [larger, five])

    (found,) = differences_between(read_part(store_part(before)), read_part(store_part(after)))

    assert found.company == 1
    assert (found.before.low, found.after.low) == (30_000_000_000_000_000_000, 30_000_000_000_000_000_100)
    assert found.after.amount() == {
        "status": "exact", "low": "300000000000000001.00", "high": "300000000000000001.00",
    }  # fmt: skip
    assert before.digest() != after.digest()


def test_a_certificate_that_runs_out_over_night_changes_the_verdict():
    offer = policy({"all": [{"when": 'holds("hnte")'}]}).offers[0]
    held = [
        {"certificates": [{"kind": "hnte", "issued": "2023-11-25", "expires": day}]}
        for day in ("2026-11-24", "2027-01-01")
    ]
    last = date(2026, 11, 24)

    found = list(
        differences_between(
            part_of([offer], profiles_of(held), last), part_of([offer], profiles_of(held), last + timedelta(days=1))
        )
    )

    assert [(one.company, one.before.verdict, one.after.verdict) for one in found] == [
        (1, Verdict.ELIGIBLE, Verdict.INELIGIBLE)
    ]


def test_a_part_without_companies_is_a_part():
    offer = policy({"all": [{"when": "staff > 3"}]}).offers[0]
    empty = part_of([offer], [])

    assert read_part(store_part(empty)).rows == 0
    assert list(differences_between(empty, part_of([offer], profiles_of([{"staff": 5}])))) == []


def test_a_part_of_another_format_is_refused(monkeypatch):
    offer = policy({"all": [{"when": "staff > 3"}]}).offers[0]
    with monkeypatch.context() as earlier:
        earlier.setattr(parts, "FORMAT", "0")
        stored = store_part(part_of([offer], []))

    with pytest.raises(ValueError, match="format"):
        read_part(stored)


def test_money_is_written_as_in_a_report():
    assert Outcome(Verdict.ELIGIBLE, "range", 5, None).amount() == {"status": "range", "low": "0.05", "high": None}
    assert Outcome(Verdict.INELIGIBLE).amount() is None
    assert Decimal(Outcome(Verdict.ELIGIBLE, "exact", 123456, 123456).amount()["low"]) == Decimal("1234.56")

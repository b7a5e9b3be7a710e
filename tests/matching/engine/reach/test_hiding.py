"""What leaves the desk hides small counts, and no hidden count can be worked out from what is printed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from companies.facts import Text
from matching.engine.plan import NOTHING, VERDICTS, Total
from matching.engine.reach.counts import ABSENT, MEASURES, MONEY, OfferReach
from matching.engine.reach.deducing import Sum
from matching.engine.reach.groups import Group, Grouping
from matching.engine.reach.hiding import LEAST, hide, is_small
from matching.engine.reach.tables import CHANGES, COMPANIES, PRINTED, hidden_sizes, printed_lines, table_of
from policies.rules.expressions import YesNo
from tests.matching.engine.reach.attacker import Attacker

WORD = Text("word", "词")


def grouping(key, groups, is_exclusive):
    return Grouping(key, WORD, tuple(Group(str(at), WORD, YesNo(True)) for at in range(groups)), is_exclusive)


GROUPINGS = (grouping("size", 3, True), grouping("sector", 3, False), grouping("zone", 1, False))
verdicts = st.sampled_from([verdict.value for verdict in VERDICTS])
# A company: its size (or none, or not known), its sectors, its zone, verdict, whether near, eligible before, near by which.
company = st.tuples(
    st.integers(0, 4), st.sets(st.integers(0, 2)), st.booleans(), st.sampled_from(["eligible"] * 3 + [v.value for v in VERDICTS]),
    st.booleans(), st.booleans(), st.sets(st.integers(0, 1), min_size=1),
)  # fmt: skip
crowd = st.lists(st.tuples(company, st.sampled_from([1, 1, 1, 2, 3, 5, 8, 50])), max_size=14)


def offer_of(crowd):
    """What is counted of these companies, each so many times."""
    lines = 1 + sum(len(one.groups) + 2 for one in GROUPINGS)
    companies, counts, near_by = np.zeros(lines, int), np.zeros((lines, len(MEASURES)), int), np.zeros(2, int)
    for (size, sectors, in_zone, verdict, near, before, reasons), times in crowd:
        inside = [0, 1 + size, *(6 + one for one in sectors), *([] if sectors else [9]), 11 + (not in_zone)]
        said = {verdict}
        said |= {"near"} if near and verdict == "ineligible" else set()
        said |= {"before"} if before else set()
        said |= {"gained"} if verdict == "eligible" and not before else set()
        said |= {"lost"} if before and verdict != "eligible" else set()
        for line in inside:
            companies[line] += times
            for measure in said:
                counts[line, MEASURES.index(measure)] += times
        if "near" in said:
            near_by[list(reasons)] += times
    moves = np.zeros((ABSENT + 1, ABSENT + 1), int)
    return companies, OfferReach("o", counts, near_by, moves, dict.fromkeys(MONEY, NOTHING), (NOTHING,) * lines, 0)


def attack(groupings, companies, offer, table, with_changes):
    """The attacker who has the whole printed table before their eyes, and the truth by the names they use."""
    attacker, truth = Attacker(), {}
    measures = (*PRINTED, *(CHANGES if with_changes else ()))

    def printed(name, real, shown):
        truth[name] = real
        # A 0 would be printed, so what is hidden is at least one company.
        return (name, 1, shown, 1 if shown is None and real else 0)

    def cell(line, measure):
        real = int(companies[line]) if measure == COMPANIES else offer.count(measure, line)
        return printed((line, measure), real, table.count(measure, line))

    def never_printed(name, real):
        truth[name] = real
        return (name, 1, None, 0)

    def less(parts):
        return [(name, -factor, value, least) for name, factor, value, least in parts]

    lines = printed_lines(groupings)
    for measure in (COMPANIES, *measures):
        at = 1
        for one in groupings:
            count = len(one.groups) + 2
            if one.is_exclusive:
                attacker.sees([cell(line, measure) for line in range(at, at + count)] + less([cell(0, measure)]), 0)
            else:
                for line in range(at, at + len(one.groups)):
                    outside = (
                        int(companies[0] - companies[line])
                        if measure == COMPANIES
                        else offer.count(measure) - offer.count(measure, line)
                    )
                    attacker.sees(
                        [
                            cell(line, measure),
                            never_printed(("out", line, measure), outside),
                            *less([cell(0, measure)]),
                        ],
                        0,
                    )
            at += count
    for line in lines:
        rest = int(companies[line]) - sum(offer.count(measure, line) for measure in PRINTED)
        attacker.sees(
            [
                *(cell(line, measure) for measure in PRINTED),
                never_printed(("rest", line), rest),
                *less([cell(line, COMPANIES)]),
            ],
            0,
        )
        # Who is in none of the groups has a rest as well, and it is not below 0.
        all_rest = int(companies[0]) - sum(offer.count(measure) for measure in PRINTED)
        attacker.sees([never_printed(("rest", 0), all_rest), *less([never_printed(("rest", line), rest)])], 0, 1e6)
        if with_changes:
            kept = offer.count("eligible", line) - offer.count("gained", line)
            attacker.sees(
                [cell(line, "gained"), never_printed(("kept", line), kept), *less([cell(line, "eligible")])], 0
            )
            all_kept = offer.count("eligible") - offer.count("gained")
            attacker.sees([never_printed(("kept", 0), all_kept), *less([never_printed(("kept", line), kept)])], 0, 1e6)
    if with_changes:
        before = [never_printed(("kept", 0), offer.count("eligible") - offer.count("gained")), cell(0, "lost")]
        attacker.sees(before + less([cell(0, "before")]), 0)
    for at, real in enumerate(offer.near_by.tolist()):
        shown = [
            printed(("by", at), real, table.near_by(at)),
            never_printed(("not by", at), offer.count("near") - real),
        ]
        attacker.sees(shown + less([cell(0, "near")]), 0)
    return attacker, truth


@pytest.mark.slow
@settings(max_examples=150, deadline=None, derandomize=True)
@given(crowd, st.booleans())
def test_no_hidden_count_can_be_worked_out(crowd, with_changes):
    companies, offer = offer_of(crowd)
    sizes = hidden_sizes(GROUPINGS, companies)
    table = table_of(GROUPINGS, companies, offer, sizes, with_changes=with_changes)

    attacker, truth = attack(GROUPINGS, companies, offer, table, with_changes)

    assert attacker.is_consistent_with(truth)
    for name in attacker.names:
        is_printed = name[0] not in ("out", "rest", "kept", "not by")
        if is_printed or is_small(truth[name]):
            least, most = attacker.range_of(name)
            assert most - least > 0.5, (name, truth[name], least, most)
            event("hidden")


@pytest.mark.slow
@settings(max_examples=200, deadline=None, derandomize=True)
@given(crowd, st.booleans())
def test_no_small_count_is_printed_and_sizes_are_hidden_for_every_offer_alike(crowd, with_changes):
    companies, offer = offer_of(crowd)
    sizes = hidden_sizes(GROUPINGS, companies)

    table = table_of(GROUPINGS, companies, offer, sizes, with_changes=with_changes)

    measures = (COMPANIES, *PRINTED, *((*CHANGES, "before") if with_changes else ()))
    for line in printed_lines(GROUPINGS):
        for measure in measures:
            if measure != "before" or line == 0:
                assert not is_small(table.count(measure, line) or 0)
        assert (table.count(COMPANIES, line) is None) == (line in sizes)
    assert not any(is_small(table.near_by(at) or 0) for at in range(2))


def test_a_small_part_takes_another_with_it():
    counts = {"all": 100, "a": 60, "b": 37, "c": 3}

    assert hide(counts, [Sum("all", ("a", "b", "c"))]) == {"b", "c"}


def test_two_small_parts_that_are_small_together_take_a_third():
    counts = {"all": 100, "a": 60, "b": 36, "c": 3, "d": 1}

    assert hide(counts, [Sum("all", ("a", "b", "c", "d"))]) == {"b", "c", "d"}


def test_two_small_parts_that_are_enough_together_take_nobody():
    counts = {"all": 100, "a": 60, "b": 33, "c": 4, "d": 3}

    assert hide(counts, [Sum("all", ("a", "b", "c", "d"))]) == {"c", "d"}


def test_parts_of_one_each_would_be_told_by_their_number():
    counts = {"all": 65, "a": 60, **dict.fromkeys("bcdef", 1)}

    assert hide(counts, [Sum("all", tuple("abcdef"))]) == set("abcdef")


def test_nothing_is_hidden_where_nothing_is_small_and_nought_is_shown():
    counts = {"all": 100, "a": 95, "b": 5, "c": 0}

    assert hide(counts, [Sum("all", ("a", "b", "c"))]) == set()
    assert LEAST == 5


def test_what_is_left_of_the_whole_is_protected_although_it_is_never_printed():
    counts = {"all": 100, "inside": 98, "outside": 2}

    assert hide(counts, [Sum("all", ("inside", "outside"))], implicit={"outside"}) == {"inside"}


def told(gained=10, lost=10, kept=10, revalued=0, unknown=0):
    """The sums of money that a table shows when so many gain, lose and stay."""
    counts = np.zeros((14, len(MEASURES)), int)
    for measure, count in {
        "eligible": gained + kept, "before": lost + kept, "gained": gained, "lost": lost, "ineligible": 100 - gained - kept,
    }.items():  # fmt: skip
        counts[[0, 1], MEASURES.index(measure)] = count
    totals = {"gained": gained, "lost": lost, "kept": kept, "kept_before": kept, "open": 0}
    money = {name: Total(count, 100 * count, 200 * count, 0, 0) for name, count in totals.items()}
    money["gained"] = Total(gained, 100, 200, unknown, unknown)
    money |= {"eligible": money["gained"] + money["kept"], "before": money["lost"] + money["kept_before"]}
    offer = OfferReach("o", counts, np.zeros(0, int), np.zeros((7, 7), int), money, (NOTHING,) * 14, revalued)
    companies = np.array([100, 100, *[0] * 12])
    table = table_of(GROUPINGS, companies, offer, hidden_sizes(GROUPINGS, companies), with_changes=True)
    return {whose for whose in ("eligible", "before", "gained", "lost") if table.sum_of(whose, "low") is not None}


@pytest.mark.parametrize(
    ("crowd", "shown"),
    [
        ({}, {"eligible", "before", "gained", "lost"}),
        ({"gained": 3}, {"eligible"}),
        ({"gained": 0, "lost": 2}, {"eligible"}),
        ({"gained": 2, "kept": 1}, set()),
        ({"revalued": 3}, {"eligible"}),
        ({"unknown": 7}, {"eligible"}),
        ({"unknown": 2}, set()),
    ],
)
def test_a_sum_over_few_is_hidden_and_so_is_what_would_tell_it(crowd, shown):
    assert told(**crowd) == shown

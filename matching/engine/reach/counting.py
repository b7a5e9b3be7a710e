"""Counting a version over many companies at once: one plan for its offers, those of before, criteria and groups."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from companies.facts import Text, Vocabulary
from matching.engine.plan import (
    NOTHING,
    VERDICTS,
    Columns,
    OfferAmounts,
    Plan,
    PlanResult,
    Total,
    compile_plan,
    evaluate_plan,
    total_of,
)
from matching.engine.plan.amounts import facts_of_benefit
from matching.engine.plan.bits import Flags, Words, count_bits, no_row, pack, unpack
from matching.engine.plan.reference import facts_behind
from matching.engine.populations import OfferPart, offer_part
from matching.engine.reach.counts import (
    ABSENT,
    BEFORE,
    GAINED,
    LOST,
    MEASURES,
    NEAR,
    OF_POLICY,
    Counts,
    OfferReach,
    Reach,
    no_money,
)
from matching.engine.reach.groups import Grouping, bits_of_lines, conditions_of, groupings_of, lines_of
from matching.engine.reach.nearness import CriterionBits, criteria_of, near_by_criterion
from policies.rules import Expression, OfferText, Verdict
from policies.rules.requirements import Criterion

_OPEN = (Verdict.NEEDS_REVIEW, Verdict.UNDETERMINED, Verdict.NOT_MODELLED)


@dataclass(frozen=True, slots=True, eq=False)
class ReachPlan:
    """A version made ready to be counted, beside the version before it (or none)."""

    plan: Plan
    after: tuple[OfferText, ...]
    before: tuple[OfferText, ...]
    criteria: tuple[Expression, ...]
    """The distinct criteria of all offers of the version."""
    groupings: tuple[Grouping, ...]
    facts: tuple[str, ...]
    """All that has to be known of a company."""

    @property
    def offers(self) -> tuple[tuple[OfferText | None, OfferText | None], ...]:
        """Each offer before and after, in the order of the version; those that are gone at the end."""
        old = {offer.key: offer for offer in self.before}
        new = {offer.key: offer for offer in self.after}
        return tuple((old.get(key), new.get(key)) for key in dict.fromkeys((*new, *old)))

    @property
    def lines(self) -> list[tuple[str, str, Text]]:
        """What each line of counts is of: grouping, group, label; all companies come first."""
        return lines_of(self.groupings)


def plan_reach(
    after: Sequence[OfferText],
    before: Sequence[OfferText],
    vocabulary: Vocabulary,
    lists: Mapping[str, Sequence[Mapping[str, Any]]],
    day: date,
) -> ReachPlan:
    """The plan of these offers, and of those they replace, on this day; there is at least one."""
    groupings = groupings_of(vocabulary, lists)
    criteria = tuple(dict.fromkeys(when for offer in after for when in criteria_of(offer.requires)))
    conditions = [*criteria, *conditions_of(groupings)]
    asking = _asking(conditions, (*after, *before)[0])
    plan = compile_plan([*after, *before, *asking], vocabulary, day)
    used = {name for when in (*conditions, *_criteria(before)) for name in facts_behind(when, vocabulary)}
    used.update(name for offer in (*after, *before) for name in facts_of_benefit(offer.benefit, vocabulary))
    return ReachPlan(plan, tuple(after), tuple(before), criteria, groupings, tuple(sorted(used)))


def _asking(conditions: Sequence[Expression], pattern: OfferText) -> list[OfferText]:
    """A condition alone is an offer that asks nothing else: so it is evaluated as all others are, in the same pass."""
    return [replace(pattern, requires=Criterion(when), own=None) for when in conditions]


def _criteria(offers: Sequence[OfferText]) -> list[Expression]:
    return [when for offer in offers for when in offer.expressions]


@dataclass(frozen=True, slots=True, eq=False)
class GroupsPlan:
    """The groups alone made ready, for a population whose verdicts are known already."""

    plan: Plan
    groupings: tuple[Grouping, ...]
    facts: tuple[str, ...]

    def lines(self, columns: Columns, everybody: Words) -> list[Words]:
        """The companies of each line."""
        return bits_of_lines(self.groupings, evaluate_plan(self.plan, columns), 0, everybody)


def plan_groups(
    pattern: OfferText, vocabulary: Vocabulary, lists: Mapping[str, Sequence[Mapping[str, Any]]], day: date
) -> GroupsPlan:
    """The plan of the groups; `pattern` is any offer."""
    groupings = groupings_of(vocabulary, lists)
    conditions = conditions_of(groupings)
    facts = sorted({name for when in conditions for name in facts_behind(when, vocabulary)})
    return GroupsPlan(compile_plan(_asking(conditions, pattern), vocabulary, day), groupings, tuple(facts))


def reach_of_verdicts(lines: Sequence[Words], offers: Iterable[tuple[str, Mapping[Verdict, Words], Total]]) -> Reach:
    """The reach of offers whose companies are known by verdict, with what the eligible get; nothing is compared."""
    found = []
    nothing = np.zeros((len(lines), len(MEASURES)), np.int64)
    for offer, by_verdict, total in offers:
        counts = nothing.copy()
        for verdict, words in by_verdict.items():
            counts[:, MEASURES.index(verdict.value)] = [count_bits(words & line) for line in lines]
        money = no_money() | {"eligible": total}
        moves = np.zeros((ABSENT + 1, ABSENT + 1), np.int64)
        found.append(OfferReach(offer, counts, np.zeros(0, np.int64), moves, money, (NOTHING,) * len(lines), 0))
    companies = np.array([count_bits(line) for line in lines], np.int64)
    return Reach(companies, tuple(found), np.zeros((len(lines), len(OF_POLICY)), np.int64))


def count_reach(reach_plan: ReachPlan, columns: Columns, everybody: Words) -> Reach:
    """The numbers over the companies of these rows; `columns` has the plan's facts."""
    return _Counting(reach_plan, columns, everybody).reach()


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One offer by the rules of one side; `eligible` are companies only."""

    part: OfferPart | None
    codes: Counts
    eligible: Words
    reached: Flags

    def total(self, words: Words, rows: int) -> Total:
        """What it comes to over some of those in reach."""
        if self.part is None:
            return NOTHING
        return total_of(self.part.amounts, pack(unpack(words, rows)[self.reached]))


class _Counting:
    """The rows of bits of one population, and what is counted in them."""

    def __init__(self, reach_plan: ReachPlan, columns: Columns, everybody: Words) -> None:
        self.reach_plan, self.columns, self.everybody = reach_plan, columns, everybody
        self.rows = columns.rows
        self.result: PlanResult = evaluate_plan(reach_plan.plan, columns)
        first = len(reach_plan.after) + len(reach_plan.before)
        self.criteria = {when: self._criterion(at) for at, when in enumerate(reach_plan.criteria, start=first)}
        start = first + len(reach_plan.criteria)
        self.lines = bits_of_lines(reach_plan.groupings, self.result, start, everybody)

    def _criterion(self, at: int) -> CriterionBits:
        sure, possible = self.result.sure[at], self.result.possible[at]
        return CriterionBits(sure, ~possible, self.result.judged.get(at, sure) & ~sure)

    def reach(self) -> Reach:
        """All numbers."""
        after = {offer.key: at for at, offer in enumerate(self.reach_plan.after)}
        before = {offer.key: at for at, offer in enumerate(self.reach_plan.before, start=len(after))}
        any_after, any_before = no_row(self.rows), no_row(self.rows)
        offers = []
        for key in dict.fromkeys((*after, *before)):
            old, new = self._side(before.get(key)), self._side(after.get(key))
            any_before |= old.eligible
            any_after |= new.eligible
            offers.append(self._offer(key, after.get(key), old, new))
        sides = (any_after, any_before, any_after & ~any_before, any_before & ~any_after)
        policy = np.stack([self._count(words) for words in sides], axis=1)
        return Reach(self._count(self.everybody), tuple(offers), policy)

    def _side(self, at: int | None) -> _Side:
        if at is None:
            nobody = no_row(self.rows)
            return _Side(None, np.full(self.rows, ABSENT), nobody, unpack(nobody, self.rows))
        part = offer_part(self.reach_plan.plan, self.columns, self.result, at)
        eligible = part.bits.get(Verdict.ELIGIBLE, no_row(self.rows)) & self.everybody
        return _Side(part, part.codes(self.rows).astype(np.int64), eligible, unpack(part.reach(self.rows), self.rows))

    def _count(self, words: Words) -> Counts:
        """How many of these companies are in each line."""
        return np.array([count_bits(words & line) for line in self.lines], np.int64)

    def _offer(self, key: str, at: int | None, old: _Side, new: _Side) -> OfferReach:
        found = {verdict.value: self._verdict(at, verdict) for verdict in VERDICTS}
        near = self._near(at, found[Verdict.INELIGIBLE.value])
        found[NEAR] = np.bitwise_or.reduce([no_row(self.rows), *near])
        found[BEFORE] = old.eligible
        found[GAINED], found[LOST] = new.eligible & ~old.eligible, old.eligible & ~new.eligible
        kept = old.eligible & new.eligible
        money = no_money() | {
            "eligible": new.total(new.eligible, self.rows),
            "open": new.total(self._open(found), self.rows),
            GAINED: new.total(found[GAINED], self.rows),
            "kept": new.total(kept, self.rows),
            BEFORE: old.total(old.eligible, self.rows),
            LOST: old.total(found[LOST], self.rows),
            "kept_before": old.total(kept, self.rows),
        }
        companies = unpack(self.everybody, self.rows)
        moves = np.bincount((old.codes * (ABSENT + 1) + new.codes)[companies], minlength=(ABSENT + 1) ** 2)
        return OfferReach(
            key,
            np.stack([self._count(found[measure]) for measure in MEASURES], axis=1),
            np.array([count_bits(words) for words in near], np.int64),
            moves.reshape(ABSENT + 1, ABSENT + 1).astype(np.int64),
            money,
            tuple(new.total(new.eligible & line, self.rows) for line in self.lines),
            _revalued(old, new, kept, self.rows),
        )

    def _verdict(self, at: int | None, verdict: Verdict) -> Words:
        return no_row(self.rows) if at is None else self.result.bits(at, verdict) & self.everybody

    def _open(self, found: Mapping[str, Words]) -> Words:
        return np.bitwise_or.reduce([found[verdict.value] for verdict in _OPEN])

    def _near(self, at: int | None, ineligible: Words) -> list[Words]:
        if at is None:
            return []
        requires = self.reach_plan.after[at].requires
        criteria = {when: self.criteria[when] for when in criteria_of(requires)}
        return list(near_by_criterion(requires, ineligible, criteria).values())


def _revalued(old: _Side, new: _Side, kept: Words, rows: int) -> int:
    """How many of those who stay eligible get another amount."""
    if old.part is None or new.part is None:
        return 0
    staying = unpack(kept, rows)
    one, two = (_ends(side.part.amounts, staying[side.reached]) for side in (old, new) if side.part is not None)
    return int(np.any(one != two, axis=0).sum())


def _ends(amounts: OfferAmounts, chosen: Flags) -> Any:
    """Status, ends and whether they are known, of the chosen companies; large ends as they are."""
    known = (unpack(words, amounts.rows) for words in (amounts.low_known, amounts.high_known))
    ends: list[Any] = [amounts.low, amounts.high]
    if amounts.large:
        ends = [end.astype(object) for end in ends]
        for row, large in amounts.large.items():
            ends[0][row], ends[1][row] = large
    return np.stack([np.asarray(column)[chosen] for column in (amounts.status, *ends, *known)])

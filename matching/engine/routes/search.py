"""The search for the smallest sets of changes: cheapest first, each tried out before it is believed."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from heapq import heappop, heappush
from typing import Any

from companies.facts import UNKNOWN, Certificate, Effort, Fact, Kind, Profile
from matching.engine.routes.aims import Aim, Holding, Within, added, number_of, value_for
from matching.engine.routes.certificates import Ladder, Lists
from matching.engine.routes.conditions import Condition, Node, conditions_of
from matching.engine.routes.moves import Move, Moves, moves_for, one_answer
from matching.engine.variants import variants_of
from policies.rules import OfferText, Situation, Truth, Verdict, evaluate_expression, verdict_of
from policies.rules.evaluation import certificate_valid
from policies.rules.missing import missing_facts

MOST_ROUTES = 3
MOST_CHANGES = 4
MOST_ANSWERS = 12
_MOST_STEPS = 240
_STEPS_AFTER_FIRST = 40
GOOD = (Verdict.ELIGIBLE, Verdict.NEEDS_REVIEW, Verdict.NOT_MODELLED)
"""The verdicts that a route may lead to: everything that is computed holds."""

Cost = tuple[int, int, int, int, Fraction]
"""Changes, answers to find out, how slow the changes are, how many go down, and how far they go."""

_SLOWNESS = {Effort.QUICK: 1, Effort.SLOW: 2, Effort.FIXED: 2}
_NOTHING: Cost = (0, 0, 0, 0, Fraction(0))


@dataclass(frozen=True, slots=True)
class State:
    """What has been decided so far: the aims of facts, in the order of their names, and the day."""

    aims: tuple[tuple[str, Aim], ...]
    day: date

    def with_move(self, move: Move) -> State | None:
        """The state after one more move, or None where it contradicts what was decided."""
        aims = dict(self.aims)
        for name, aim in move.aims:
            met = aim if name not in aims else aims[name].met(aim)
            if met is None:
                return None
            aims[name] = met
        day = self.day if move.until is None else max(self.day, move.until)
        after = State(tuple(sorted(aims.items(), key=lambda item: item[0])), day)
        return None if after == self else after


@dataclass(frozen=True, slots=True)
class Found:
    """A set of changes that was tried out, and the verdict that it leads to."""

    state: State
    profile: Profile
    verdict: Verdict
    cost: Cost


@dataclass(frozen=True, slots=True)
class Search:
    """What came of the search for one offer: the routes, and why there is none."""

    found: tuple[Found, ...]
    none: str | None = None
    """fixed: what fails cannot be changed · too_many: more changes than `MOST_CHANGES` · given_up: the search was cut."""
    blocked: tuple[str, ...] = ()
    """The facts that fail and cannot be changed, where that is why."""


class Walker:
    """One company's situation, and what is remembered about it from offer to offer."""

    def __init__(self, situation: Situation, lists: Lists) -> None:
        self.situation = situation
        self.vocabulary = situation.vocabulary
        self.conditions = conditions_of(situation.vocabulary)
        self.variants = variants_of(situation.vocabulary)
        self.ladder = Ladder(lists)
        self.order = {fact.name: at for at, fact in enumerate(self.vocabulary)}
        self._situations: dict[State, Situation] = {State((), situation.day): situation}
        self._met: dict[tuple[Condition, State], tuple[bool, Truth]] = {}
        self._moves: dict[tuple[Condition, State], Moves] = {}
        self._costs: dict[tuple[str, Aim, date], Cost] = {}

    def fact(self, name: str) -> Fact:
        """The fact with this name."""
        fact = self.vocabulary.get(name)
        assert fact is not None, name
        return fact

    def value(self, name: str, aim: Aim, day: date) -> Any:
        """What the fact becomes."""
        return value_for(self.fact(name), aim, self.situation.profile.value(name), day)

    def situation_of(self, state: State) -> Situation:
        """The company after these changes, on that day."""
        known = self._situations.get(state)
        if known is None:
            values = {name: self.value(name, aim, state.day) for name, aim in state.aims}
            known = self._situations[state] = self.variants.with_values(self.situation, values, state.day)
        return known

    def _near(self, condition: Condition, state: State) -> State:
        """The part of the state that the condition can see: most states look alike to it."""
        day = state.day if condition.timely else self.situation.day
        if not state.aims and day is state.day:
            return state
        return State(tuple(item for item in state.aims if item[0] in condition.facts), day)

    def _judge(self, condition: Condition, near: State) -> tuple[bool, Truth]:
        key = (condition, near)
        known = self._met.get(key)
        if known is None:
            shared = self._shared("truth", condition, near)
            known = None if shared is None else self.conditions.remembered.get(shared)
            if known is not None:
                self._met[key] = known
                return known
            situation = self.situation_of(near)
            truth = evaluate_expression(condition.expression, situation)
            if truth is Truth.UNKNOWN:
                # Nothing missing and still no answer: a person has to look, as with a judged leaf.
                met = not missing_facts(condition.expression, situation)
            else:
                met = truth is (Truth.NO if condition.denied else Truth.YES)
            known = self._met[key] = (met, truth)
            if shared is not None:
                self.conditions.remember(shared, known)
        return known

    def _shared(self, what: str, condition: Condition, near: State) -> Hashable | None:
        """A key under which what is found here serves other companies too; None where it hangs on a company's figures."""
        if condition.timely:
            return None
        changed = dict(near.aims)
        values: list[Any] = []
        for name in condition.facts:
            known = self.situation.profile.value(name)
            value = known if name not in changed else self.value(name, changed[name], near.day)
            if known is not UNKNOWN and not isinstance(value, bool | str | frozenset):
                return None
            values.append((value, known))
        return (what, condition, *values)

    def is_met(self, node: Node, state: State) -> bool:
        """Whether all that is computed holds here, or is for a person to judge."""
        if isinstance(node, Condition):
            return self._judge(node, self._near(node, state))[0]
        needed = node.needed
        for part in node.parts:
            if needed <= 0:
                break
            needed -= self.is_met(part, state)
        return needed <= 0

    def moves(self, node: Node, state: State) -> Moves:
        """Ways on from here, one of which every route has to take; none where the node cannot be met."""
        if isinstance(node, Condition):
            return self._moves_of(node, state)
        unmet = [part for part in node.parts if not self.is_met(part, state)]
        needed = node.needed - (len(node.parts) - len(unmet))
        options = [self.moves(part, state) for part in unmet]
        given_up = any(option.given_up for option in options)
        open_to = [option for option in options if option.ways]
        if len(open_to) < needed or not open_to:
            return Moves((), given_up)
        if len(open_to) == needed:
            # All of them are needed: begin where there is least to choose, and least that hangs together.
            first = min(open_to, key=lambda option: (len(option.ways), max(len(way.aims) for way in option.ways)))
            return Moves(first.ways, given_up)
        return Moves(tuple(dict.fromkeys(way for option in open_to for way in option.ways)), given_up)

    def _moves_of(self, condition: Condition, state: State) -> Moves:
        near = self._near(condition, state)
        key = (condition, near)
        known = self._moves.get(key)
        if known is None:
            shared = self._shared("moves", condition, near)
            known = None if shared is None else self.conditions.remembered.get(shared)
            if known is None:
                known = self._find_moves(condition, near)
                if shared is not None:
                    self.conditions.remember(shared, known)
            self._moves[key] = known
        return known

    def _find_moves(self, condition: Condition, near: State) -> Moves:
        _, truth = self._judge(condition, near)
        situation, known = self.situation_of(near), self.situation.profile
        if condition.below is None:
            return moves_for(condition, situation, known, truth, self.ladder)
        # One answer that settles it all is asked for with all its good values, not with those of one part.
        answer = one_answer(condition, situation, known, self.ladder) if truth is Truth.UNKNOWN else None
        return answer if answer is not None and answer.ways else self.moves(condition.below, near)

    def cost(self, state: State) -> Cost:
        """What the whole state costs; never less than a part of it."""
        total = _NOTHING
        for name, aim in state.aims:
            key = (name, aim, state.day)
            one = self._costs.get(key)
            if one is None:
                one = self._costs[key] = self._cost(name, aim, state.day)
            total = _sum(total, one)
        if state.day > self.situation.day:
            total = _sum(total, (1, 0, 2, 0, Fraction((state.day - self.situation.day).days, 365)))
        return total

    def is_question(self, name: str, aim: Aim, day: date) -> bool:
        """Whether the company only has to tell: the fact, or the last day of a certificate, is not known yet."""
        now = self.situation.profile.value(name)
        if now is UNKNOWN:
            return True
        if not isinstance(aim, Holding):
            return False
        fact = self.fact(name)
        held = [one for one in now if isinstance(one, Certificate)]  # type: ignore[union-attr]
        return all(
            any(one.kind in group and certificate_valid(one, fact, day) is not Truth.NO for one in held)
            for group in aim.groups
        )

    def _cost(self, name: str, aim: Aim, day: date) -> Cost:
        if self.is_question(name, aim, day):
            return (0, 1, 0, 0, Fraction(0))
        fact, now, value = self.fact(name), self.situation.profile.value(name), self.value(name, aim, day)
        slowness = _SLOWNESS[fact.effort]
        if isinstance(aim, Within):
            before, after = number_of(now), number_of(value)
            gap = abs(after - before) / max(abs(before), Fraction(1))
            return (1, 0, slowness, int(after < before), gap)
        if fact.kind is Kind.CERTIFICATES:
            held = self.held(day)
            chains = [self.ladder.chain(one.kind, held, day) for one in added(value, now)]
            return (max(1, len(chains)), 0, slowness * max(1, sum(map(len, chains))), 0, Fraction(0))
        return (1, 0, slowness, 0, Fraction(0))

    def held(self, day: date) -> frozenset[str]:
        """The certificates that are held and may be valid on the day."""
        fact = next((fact for fact in self.vocabulary.asked if fact.kind is Kind.CERTIFICATES), None)
        now = UNKNOWN if fact is None else self.situation.profile.value(fact.name)
        if now is UNKNOWN:
            return frozenset()
        assert isinstance(now, frozenset)
        return frozenset(
            one.kind
            for one in now
            if isinstance(one, Certificate) and certificate_valid(one, fact, day) is not Truth.NO
        )

    def search(self, offer: OfferText) -> Search:
        """Up to three smallest sets of changes after which all that is computed holds."""
        root = self.conditions.of_offer(offer)
        start = State((), self.situation.day)
        waiting: list[tuple[Cost, int, State]] = [(_NOTHING, 0, start)]
        seen, found, entered, steps = {start}, list[Found](), 0, 0
        cut = given_up = False
        limit = _MOST_STEPS
        while waiting and len(found) < MOST_ROUTES:
            cost, _, state = heappop(waiting)
            if any(_covers(other.state, state) for other in found):
                continue
            steps += 1
            if steps > limit:
                break
            if self.is_met(root, state):
                one = self._tried(offer, root, state)
                if one is not None and not any(_covers(other.state, one.state) for other in found):
                    found.append(one)
                    limit = min(limit, steps + _STEPS_AFTER_FIRST)
                continue
            moves = self.moves(root, state)
            given_up = given_up or moves.given_up
            for move in moves.ways:
                after = state.with_move(move)
                if after is None or after in seen:
                    continue
                seen.add(after)
                cost = self.cost(after)
                if cost[0] > MOST_CHANGES or cost[1] > MOST_ANSWERS:
                    cut = True
                    continue
                entered += 1
                heappush(waiting, (cost, entered, after))
        if found:
            return Search(tuple(found))
        if waiting or given_up or cut:
            return Search((), "too_many" if cut and not (waiting or given_up) else "given_up")
        return Search((), "fixed", self._blocked(offer))

    def _blocked(self, offer: OfferText) -> tuple[str, ...]:
        """The known facts that make a condition fail and cannot be changed."""
        start, profile = State((), self.situation.day), self.situation.profile
        names = [
            name
            for condition in self.conditions.bottom_of(offer)
            if not self.is_met(condition, start)
            for name in condition.facts
            if self.fact(name).effort is Effort.FIXED and profile.value(name) is not UNKNOWN
        ]
        return tuple(dict.fromkeys(names))

    def _tried(self, offer: OfferText, root: Node, state: State) -> Found | None:
        """The state without what it turned out not to need, if the reference evaluator agrees that it is enough."""
        for name, _ in state.aims:
            less = State(tuple(item for item in state.aims if item[0] != name), state.day)
            if self.is_met(root, less):
                state = less
        if state.day != self.situation.day:
            sooner = State(state.aims, self.situation.day)
            state = sooner if self.is_met(root, sooner) else state
        situation = self.situation_of(state)
        verdict = verdict_of(offer, situation)
        if verdict not in GOOD:
            return None
        return Found(state, situation.profile, verdict, self.cost(state))


def _covers(less: State, more: State) -> bool:
    """Whether everything in the first is in the second too."""
    return less.day <= more.day and set(less.aims) <= set(more.aims)


def _sum(one: Cost, other: Cost) -> Cost:
    a, b, c, d, e = one
    return (a + other[0], b + other[1], c + other[2], d + other[3], e + other[4])

"""What can be done about one condition: the changes of one fact, the answers, or the waiting that make it hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import islice, product
from typing import Any

from companies.facts import UNKNOWN, Certificate, Effort, Fact, Kind, Profile
from matching.engine.routes.aims import (
    STEPS,
    Aim,
    Chosen,
    Holding,
    Including,
    Within,
    number_of,
    value_of_number,
)
from matching.engine.routes.certificates import Ladder
from matching.engine.routes.conditions import Condition, balance_of
from matching.engine.routes.examples import LONGEST_WAIT, bounds, examples
from matching.engine.routes.inverting import Balance, HoldsAt, first_holding
from matching.engine.variants import variants_of
from policies.rules import Situation, Truth, evaluate_expression, evaluate_number
from policies.rules.evaluation import certificate_valid
from policies.rules.expressions import Among, Compare, FactNamed, Has, Holds, Key
from policies.rules.missing import missing_facts
from policies.rules.months import months_later

_FEW_EXAMPLES = 3
_MOST_TRIALS = 400
"""Values tried out for one condition."""


@dataclass(frozen=True, slots=True)
class Move:
    """One way on: what facts become, and the day until which one has to wait."""

    aims: tuple[tuple[str, Aim], ...] = ()
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Moves:
    """The ways on, and whether looking for them was given up before all had been tried."""

    ways: tuple[Move, ...]
    given_up: bool = False


class _TooLong(Exception):
    """One condition was tried out too often."""


def moves_for(condition: Condition, situation: Situation, known: Profile, truth: Truth, ladder: Ladder) -> Moves:
    """Every way to make the condition hold that is no more than one change, or the answers that it misses.

    `known` is what the company itself has answered; the situation may already hold changes.
    """
    return _collected(_Mover(condition, situation, known, ladder).moves(truth))


def one_answer(condition: Condition, situation: Situation, known: Profile, ladder: Ladder) -> Moves | None:
    """What the only missing fact would have to be; None where several are missing."""
    missing = missing_facts(condition.expression, situation)
    if len(missing) != 1:
        return None
    mover = _Mover(condition, situation, known, ladder)
    return _collected(move for name in (*missing, *mover.changed()) for move in mover.moves_alone(name))


def _collected(ways: Iterator[Move]) -> Moves:
    found: dict[Move, None] = {}
    try:
        for way in ways:
            found.setdefault(way)
    except _TooLong:
        return Moves(tuple(found), True)
    return Moves(tuple(found))


class _Mover:
    def __init__(self, condition: Condition, situation: Situation, known: Profile, ladder: Ladder) -> None:
        self.condition, self.situation, self.known, self.ladder = condition, situation, known, ladder
        self.wanted = Truth.NO if condition.denied else Truth.YES
        self.trials = _MOST_TRIALS
        self.among_many = False

    def moves(self, truth: Truth) -> Iterator[Move]:
        expression = self.condition.expression
        match expression:
            case FactNamed(name):
                yield from self._choose(name, frozenset({not self.condition.denied}))
            case Among(fact, keys, negated):
                yield from self._among(fact.name, keys, self.condition.denied is not negated)
            case Has(key, fact, negated):
                yield from self._among(fact.name, (key,), self.condition.denied is not negated)
            case Compare(FactNamed(name), ((("==" | "!=") as sign, Key(key)),)):
                yield from self._among(name, (key,), self.condition.denied is not (sign == "!="))
            case Holds():
                yield from self._hold(expression)
            case _:
                yield from self._compute(truth)
        if self.condition.timely and truth is not Truth.UNKNOWN:
            yield from self._wait()

    def _fact(self, name: str) -> Fact:
        fact = self.situation.vocabulary.get(name)
        assert fact is not None, name
        return fact

    def _can_change(self, fact: Fact) -> bool:
        """Whether a route may speak of the fact: what is fixed can be found out, and not be changed."""
        return fact.effort is not Effort.FIXED or self.known.value(fact.name) is UNKNOWN

    def _choose(self, name: str, values: frozenset[Any]) -> Iterator[Move]:
        fact = self._fact(name)
        if values and fact.derived is None and self._can_change(fact):
            yield Move(((name, Chosen(values)),))

    def _among(self, name: str, keys: Iterable[str], avoided: bool) -> Iterator[Move]:
        fact = self._fact(name)
        if fact.derived is not None:
            yield from self._compute(Truth.UNKNOWN)
        elif fact.kind is Kind.ONE:
            listed = frozenset(choice.key for choice in fact.choices)
            yield from self._choose(name, listed - frozenset(keys) if avoided else listed & frozenset(keys))
        elif self._can_change(fact):
            known = tuple(choice.key for choice in fact.choices if choice.key in frozenset(keys))
            if avoided:
                yield Move(((name, Including(without=frozenset(keys))),))
            elif known:
                yield Move(((name, Including((known,))),))

    def _hold(self, holds: Holds) -> Iterator[Move]:
        kinds, name = holds.kinds, holds.fact.name
        fact = self._fact(name)
        held = self.situation.profile.value(name)
        if not self._can_change(fact):
            return
        if self.wanted is Truth.NO:
            # Nobody gives a title back: it can only turn out that none of them is held, or is valid any more.
            if self.known.value(name) is UNKNOWN or evaluate_expression(holds, self.situation) is Truth.UNKNOWN:
                yield Move(((name, Holding((), frozenset(kinds))),))
            return
        if self.known.value(name) is UNKNOWN:
            yield Move(((name, Holding((kinds,))),))
            return
        assert isinstance(held, frozenset)
        titles = [one for one in held if isinstance(one, Certificate)]
        day = self.situation.day
        undated = tuple(
            one.kind for one in titles if one.kind in kinds and certificate_valid(one, fact, day) is Truth.UNKNOWN
        )
        if undated:
            yield Move(((name, Holding((tuple(sorted(set(undated))),))),))
            return
        valid = frozenset(one.kind for one in titles if certificate_valid(one, fact, day) is not Truth.NO)
        nearest = self.ladder.nearest([kind for kind in kinds if fact.choice(kind)], valid, day)
        if nearest:
            yield Move(((name, Holding((nearest,))),))

    def _compute(self, truth: Truth) -> Iterator[Move]:
        missing = missing_facts(self.condition.expression, self.situation) if truth is Truth.UNKNOWN else ()
        unknown = [name for name in self.condition.facts if self.situation.profile.value(name) is UNKNOWN]
        known = [name for name in self.condition.facts if name not in unknown]
        names = (*missing, *self.changed()) if missing else known
        self.among_many = len(missing) > 1
        alone = [move for name in names for move in self.moves_alone(name)]
        self.among_many = False
        yield from alone
        if alone:
            return
        together = self._together(missing) if len(missing) > 1 else None
        if together is not None:
            yield Move(together)
        elif unknown:
            # No answer will do as things stand (of no revenue nothing is left): a known fact has to change beside it.
            for name in known:
                yield from self._beside(missing or tuple(unknown), self._fact(name))

    def changed(self) -> list[str]:
        """The facts that a route has already made other ones: they may go further than they had to so far."""
        return [name for name in self.condition.facts if self.situation.profile.value(name) != self.known.value(name)]

    def moves_alone(self, name: str) -> Iterator[Move]:
        for aim in self._alone(self._fact(name), self.situation):
            yield Move(((name, aim),))

    def _alone(self, fact: Fact, situation: Situation) -> Iterator[Aim]:
        """What this fact alone would have to be, all else being as it is."""
        if not self._can_change(fact):
            return
        match fact.kind:
            case Kind.YES_NO:
                yield from self._trying(fact, (True, False), situation)
            case Kind.ONE:
                yield from self._trying(fact, [choice.key for choice in fact.choices], situation)
            case Kind.MANY | Kind.CERTIFICATES:
                return
            case _:
                yield from self._stretches(fact, situation)

    def _trying(self, fact: Fact, values: Iterable[Any], situation: Situation) -> Iterator[Aim]:
        good = frozenset(value for value in values if self._holds(situation, {fact.name: value}))
        if good:
            yield Chosen(good)

    def _truth(self, situation: Situation, values: dict[str, Any]) -> Truth:
        return self._try_out(situation, values)[1]

    def _try_out(self, situation: Situation, values: dict[str, Any]) -> tuple[Situation, Truth]:
        self.trials -= 1
        if self.trials < 0:
            raise _TooLong
        tried = self._with(situation, values)
        return tried, evaluate_expression(self.condition.expression, tried)

    def _with(self, situation: Situation, values: dict[str, Any]) -> Situation:
        return variants_of(situation.vocabulary).with_values(situation, values, situation.day)

    def _holds(self, situation: Situation, values: dict[str, Any]) -> bool:
        return self._truth(situation, values) is self.wanted

    def _stretches(self, fact: Fact, situation: Situation) -> Iterator[Aim]:
        step = STEPS[fact.kind]
        bottom, top = bounds(fact, situation.day)
        now = situation.profile.value(fact.name)

        def holds(number: Fraction) -> bool:
            return self._holds(situation, {fact.name: value_of_number(fact, number)})

        sides = balance_of(self.condition.expression)

        def balance(number: Fraction) -> Fraction | None:
            if sides is None or fact.kind is Kind.DAY:
                return None
            tried = self._with(situation, {fact.name: value_of_number(fact, number)})
            left, right = (evaluate_number(side, tried).exact for side in sides)
            return None if left is None or right is None else left - right

        lines = self.condition.lines if fact.kind is not Kind.DAY else ()
        if now is not UNKNOWN:
            start = number_of(now)
            up = first_holding(start, top, step, holds, balance, lines) if start < top else None
            if up is not None:
                yield Within(up, None)
            down = first_holding(start, bottom, step, holds, balance, lines) if start > bottom else None
            if down is not None:
                yield Within(None, down)
        elif not holds(bottom):
            if self.among_many and not holds(top):
                # Beside other unknown answers only a far end settles it: what lies between is worked out with them.
                return
            up = first_holding(bottom, top, step, holds, balance, lines)
            if up is not None and holds(top):
                yield Within(up, None)
            elif up is not None:
                yield Within(up, self._last(up, top, step, holds, balance, lines))
        elif not holds(top):
            yield Within(None, self._last(bottom, top, step, holds, balance, lines))
        else:
            yield Within(bottom, bottom)

    def _last(
        self,
        start: Fraction,
        top: Fraction,
        step: Fraction,
        holds: HoldsAt,
        balance: Balance,
        lines: Iterable[Fraction],
    ) -> Fraction:
        """Where it ends to hold: one step before the first number that is too high."""
        over = first_holding(start, top, step, lambda number: not holds(number), balance, lines)
        return top if over is None else over - step

    def _together(self, missing: tuple[str, ...]) -> tuple[tuple[str, Aim], ...] | None:
        """Answers to several missing facts that make it hold together: found by trying, the choices first.

        The last one is worked out from the others: of a quotient that is the numerator, which stands first.
        """
        facts = [self._fact(name) for name in reversed(missing)]
        if any(fact.kind in (Kind.MANY, Kind.CERTIFICATES) for fact in facts):
            return None
        facts.sort(key=lambda fact: fact.kind not in (Kind.ONE, Kind.YES_NO))
        return self._try(facts, self.situation, ())

    def _try(
        self, facts: list[Fact], situation: Situation, given: tuple[tuple[str, Aim], ...]
    ) -> tuple[tuple[str, Aim], ...] | None:
        if len(facts) == 1:
            for aim in self._alone(facts[0], situation):
                return (*given, (facts[0].name, aim))
            return None
        fact, rest = facts[0], facts[1:]
        for value, aim in examples(fact, self.condition.lines, situation.day):
            tried, truth = self._try_out(situation, {fact.name: value})
            now_given = (*given, (fact.name, aim))
            if truth is self.wanted:
                return now_given
            if truth is Truth.UNKNOWN:
                still = missing_facts(self.condition.expression, tried)
                left = [other for other in rest if other.name in still]
                found = self._try(left, tried, now_given) if left else None
                if found is not None:
                    return found
        return None

    def _beside(self, missing: tuple[str, ...], known: Fact) -> Iterator[Move]:
        """What a known fact would have to be beside answers that are only examples."""
        facts = [self._fact(name) for name in missing]
        if any(fact.kind in (Kind.MANY, Kind.CERTIFICATES) for fact in facts):
            return
        day = self.situation.day
        few = [list(islice(examples(fact, self.condition.lines, day), _FEW_EXAMPLES)) for fact in facts]
        for picked in product(*few):
            values = {fact.name: value for fact, (value, _) in zip(facts, picked, strict=True)}
            given = tuple((fact.name, aim) for fact, (_, aim) in zip(facts, picked, strict=True))
            found = list(self._alone(known, self._with(self.situation, values)))
            yield from (Move((*given, (known.name, aim))) for aim in found)
            if found:
                return

    def _wait(self) -> Iterator[Move]:
        """The first day on which time alone makes it hold."""
        today = self.situation.day
        for day in sorted(set(self._turning_days())):
            if today < day <= today + LONGEST_WAIT:
                later = variants_of(self.situation.vocabulary).with_values(self.situation, {}, day)
                if evaluate_expression(self.condition.expression, later) is self.wanted:
                    yield Move(until=day)
                    return

    def _turning_days(self) -> Iterator[date]:
        """The days on which the condition can turn: anniversaries of the lines, and the days of certificates."""
        counts = {int(line) + extra for line in self.condition.lines for extra in (0, 1) if 0 <= line < 400}
        for name in self.condition.facts:
            value = self.situation.profile.value(name)
            if isinstance(value, date):
                for count in counts:
                    yield months_later(value, count)
                    if count <= 50:
                        yield months_later(value, 12 * count)
            elif isinstance(value, frozenset) and self._fact(name).kind is Kind.CERTIFICATES:
                for one in value:
                    if isinstance(one, Certificate) and one.issued is not None:
                        yield one.issued
                    if isinstance(one, Certificate) and one.expires is not None:
                        yield one.expires + timedelta(days=1)

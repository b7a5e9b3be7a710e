"""What conditions that hold together leave possible: narrower ranges of facts, and whether anything is left at all.

Everything here errs on one side. A range may be wider than what is really possible, so NO ("cannot hold") and YES
("holds for every company") are certain, and whatever cannot be settled stays UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor

from companies.facts import Fact, Kind, Profile, Vocabulary
from policies.rules.evaluation import evaluate_expression, pairs, possible_value
from policies.rules.expressions import (
    Among,
    Both,
    Compare,
    Either,
    Expression,
    FactNamed,
    Has,
    Holds,
    Negated,
)
from policies.rules.faults import RuleFault
from policies.rules.intervals import Interval
from policies.rules.requirements import All, Criterion, Judged, Not, NotModelled, Requirement
from policies.rules.situation import DayRange, Keys, Possible, Situation
from policies.rules.truth import Truth
from policies.rules.verdicts import needed_of

_DENIED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
# The smallest step between two values that a company can answer.
_STEPS = {Kind.WHOLE: 1, Kind.MONEY: 100}
# Each pass may narrow a fact by what the pass before left of another; what is not found by then is left open.
_MOST_PASSES = 4


class _Narrowed(Situation):
    """A company of which nothing is known but that some facts lie within limits."""

    __slots__ = ("limits",)

    def __init__(self, vocabulary: Vocabulary, day: date, limits: Mapping[str, Possible]) -> None:
        super().__init__(vocabulary, Profile({}), day)
        self.limits = limits

    def _find(self, name: str) -> Possible:
        found, limit = super()._find(name), self.limits.get(name)
        met = found if limit is None else _meet(found, limit)
        return found if met is None else met


@dataclass(frozen=True)
class Assumed:
    """Conditions taken as given: `assume` adds to them; `is_empty` once no company is left that meets them all."""

    vocabulary: Vocabulary
    day: date
    limits: Mapping[str, Possible] = field(default_factory=dict)
    known: Mapping[Expression, Truth] = field(default_factory=dict)
    given: tuple[tuple[Expression, bool], ...] = ()
    is_empty: bool = False

    @property
    def situation(self) -> Situation:
        """Everything that the facts can still be."""
        return _Narrowed(self.vocabulary, self.day, self.limits)

    def assume(self, requirements: Iterable[Requirement]) -> Assumed:
        """These requirements hold as well; what of them cannot be used (a choice between several) is left out."""
        given = [*self.given, *(one for node in requirements for one in _surely(node, True))]
        fresh = Assumed(self.vocabulary, self.day, given=tuple(dict.fromkeys(given)))
        for _ in range(_MOST_PASSES):
            before = fresh.limits
            for expression, holds in fresh.given:
                fresh = fresh._with(expression, holds)
                if fresh.is_empty:
                    return fresh
            if fresh.limits == before:
                break
        situation = fresh.situation
        if any(fresh._truth(expression, situation) is Truth.of(not holds) for expression, holds in fresh.given):
            return replace(fresh, is_empty=True)
        return fresh

    def truth_of(self, requirement: Requirement) -> Truth:
        """Whether the requirement holds for every company that meets what is given, for none, or neither is certain."""
        if self.is_empty:
            return Truth.UNKNOWN
        match requirement:
            case Criterion(when=when):
                return self._truth(when, self.situation)
            case Judged() | NotModelled():
                return Truth.UNKNOWN
            case Not(of=of):
                return ~self.truth_of(of)
            case All(of=of):
                inside = self.assume(of)
                if inside.is_empty or any(
                    inside.truth_of(part) is Truth.NO for part in of if not isinstance(part, Criterion | All)
                ):
                    return Truth.NO
        parts = requirement.parts()
        return Truth.at_least(needed_of(requirement), [self.truth_of(part) for part in parts])

    def _truth(self, expression: Expression, situation: Situation) -> Truth:
        known = self.known.get(expression)
        if known is not None:
            return known
        match expression:
            case Both(of):
                return Truth.every(self._truth(part, situation) for part in of)
            case Either(of):
                return Truth.some(self._truth(part, situation) for part in of)
            case Negated(operand):
                return ~self._truth(operand, situation)
            case Has(key, fact, True):
                return ~self._truth(Has(key, fact), situation)
            case Among(fact, keys, True):
                return ~self._truth(Among(fact, keys), situation)
        return _settled(expression, situation)

    def _with(self, expression: Expression, holds: bool) -> Assumed:
        match expression:
            case Has() | Among() | Holds():
                known = self.known.get(expression, Truth.of(holds))
                if known is not Truth.of(holds):
                    return replace(self, is_empty=True)
                fresh = replace(self, known={**self.known, expression: known})
                if isinstance(expression, Among):
                    return fresh._among(expression, holds)
                return fresh
            case FactNamed(name):
                return self._limited(name, Truth.of(holds))
            case Compare() if len(expression.rest) == 1:  # of a denied chain nobody knows which link fails
                ((left, operator, right),) = pairs(expression)
                operator = operator if holds else _DENIED[operator]
                return self._compared(left, operator, right)._compared(right, _MIRRORED[operator], left)
        return self

    def _among(self, among: Among, holds: bool) -> Assumed:
        fact = self.vocabulary.get(among.fact.name)
        if fact is None or fact.kind is not Kind.ONE:
            return self
        keys = frozenset(among.keys)
        return self._limited(
            fact.name, Keys(keys if holds else frozenset(choice.key for choice in fact.choices) - keys)
        )

    def _compared(self, left: Expression, operator: str, right: Expression) -> Assumed:
        fact = self.vocabulary.get(left.name) if isinstance(left, FactNamed) else None
        if fact is None:
            return self
        try:
            bound = possible_value(right, self.situation)
        except RuleFault:
            return self
        limit: Possible | None = None
        match bound:
            case Interval():
                limit = _range(fact, operator, bound)
            case DayRange():
                limit = _days(operator, bound)
            case Keys(possible) if operator == "==":
                limit = bound
            case Keys(possible) if operator == "!=" and len(possible) == 1:
                limit = Keys(frozenset(choice.key for choice in fact.choices) - possible)
            case Truth() if bound is not Truth.UNKNOWN and operator in ("==", "!="):
                limit = bound if operator == "==" else ~bound
        return self if limit is None else self._limited(fact.name, limit)

    def _limited(self, name: str, limit: Possible) -> Assumed:
        try:
            found = self.situation.possible(name)
        except RuleFault:
            return self
        met = _meet(found, limit)
        if met is None:
            # A number that may not exist at all breaks no bound: a person has to look at such a company.
            sure = not isinstance(found, Interval) or found.defined is Truth.YES
            return replace(self, is_empty=True) if sure else self
        return replace(self, limits={**self.limits, name: met})


def _surely(node: Requirement, holds: bool) -> list[tuple[Expression, bool]]:
    """The plain conditions that hold (or fail) whenever the requirement holds (or fails)."""
    match node:
        case Criterion(when=when):
            return _plain(when, holds)
        case Not(of=of):
            return _surely(of, not holds)
        case Judged() | NotModelled():
            return []
    parts = node.parts()
    every = needed_of(node) == len(parts) if holds else needed_of(node) == 1
    return [one for part in parts for one in _surely(part, holds)] if every or len(parts) == 1 else []


def _plain(expression: Expression, holds: bool) -> list[tuple[Expression, bool]]:
    match expression:
        case Both(of) if holds:
            return [one for part in of for one in _plain(part, True)]
        case Either(of) if not holds:
            return [one for part in of for one in _plain(part, False)]
        case Negated(operand):
            return _plain(operand, not holds)
        case Has(key, fact, True):
            return [(Has(key, fact), not holds)]
        case Among(fact, keys, True):
            return [(Among(fact, keys), not holds)]
        case Compare() if holds or len(expression.rest) == 1:
            return [(Compare(left, ((operator, right),)), holds) for left, operator, right in pairs(expression)]
    return [(expression, holds)]


def _settled(expression: Expression, situation: Situation) -> Truth:
    try:
        return evaluate_expression(expression, situation)
    except RuleFault:  # a derived fact that cannot be read: its own fault is shown where it is defined
        return Truth.UNKNOWN


def _range(fact: Fact, operator: str, bound: Interval) -> Interval | None:
    if bound.defined is not Truth.YES:
        return None
    step = _STEPS.get(fact.kind) if fact.derived is None else None
    match operator:
        case "==":
            return Interval(bound.low, bound.high)
        case ">" | ">=":
            return Interval(_rounded(bound.low, step, up=True, past=operator == ">"), None)
        case "<" | "<=":
            return Interval(None, _rounded(bound.high, step, up=False, past=operator == "<"))
    return None


def _rounded(bound: Fraction | None, step: int | None, *, up: bool, past: bool) -> Fraction | None:
    """The nearest value that a company can answer on this side of the bound, where values come in steps."""
    if bound is None or step is None:
        return bound
    scaled = bound * step
    near = ceil(scaled) if up else floor(scaled)
    if past and near == scaled:
        near += 1 if up else -1
    return Fraction(near, step)


def _days(operator: str, bound: DayRange) -> DayRange | None:
    one = timedelta(days=1)
    try:
        match operator:
            case "==":
                return bound
            case ">" | ">=":
                return DayRange(bound.low + one if operator == ">" else bound.low, date.max)
            case "<" | "<=":
                return DayRange(date.min, bound.high - one if operator == "<" else bound.high)
    except OverflowError:
        return None
    return None


def _meet(a: Possible, b: Possible) -> Possible | None:
    """What lies in both; None where nothing does."""
    if isinstance(a, Interval) and isinstance(b, Interval):
        lows = [low for low in (a.low, b.low) if low is not None]
        highs = [high for high in (a.high, b.high) if high is not None]
        low, high = max(lows, default=None), min(highs, default=None)
        return None if low is not None and high is not None and low > high else Interval(low, high, a.defined)
    if isinstance(a, DayRange) and isinstance(b, DayRange):
        low_day, high_day = max(a.low, b.low), min(a.high, b.high)
        return None if low_day > high_day else DayRange(low_day, high_day)
    if isinstance(a, Keys) and isinstance(b, Keys):
        both = a.possible & b.possible
        return Keys(both) if both else None
    if isinstance(a, Truth) and isinstance(b, Truth):
        if a is Truth.UNKNOWN or a is b:
            return b
        return a if b is Truth.UNKNOWN else None
    return a

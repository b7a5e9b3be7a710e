"""One company on one day: what each fact can be, given what is known."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from companies.facts import UNKNOWN, Fact, Kind, Profile, Text, Vocabulary
from policies.rules.checking import check_sorts
from policies.rules.expressions import Expression, expression_facts
from policies.rules.faults import RuleFault
from policies.rules.intervals import ANY_NUMBER, Interval
from policies.rules.months import years_later
from policies.rules.parsing import parse_expression
from policies.rules.truth import Truth

EARLIEST_DAY = date(1900, 1, 1)
FAR_FUTURE_YEARS = 100


@dataclass(frozen=True, slots=True)
class DayRange:
    """All days from `low` to `high`, both included."""

    low: date
    high: date


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys that a one-of fact can be: one when it is known."""

    possible: frozenset[str]


@dataclass(frozen=True, slots=True)
class Many:
    """The answer to a many-of fact or a list of certificates; None while it is unknown."""

    held: frozenset[Any] | None


Possible = Truth | Interval | DayRange | Keys | Many


class Situation:
    """A vocabulary, a profile and a day. Derived facts are computed when first asked for and remembered."""

    __slots__ = ("_busy", "_memory", "day", "gaps", "open_ended", "profile", "vocabulary")

    def __init__(self, vocabulary: Vocabulary, profile: Profile, day: date, *, open_ended: bool = False) -> None:
        """`open_ended` takes unknown amounts and counts as without upper bound: what a bound only guesses is no cap."""
        self.vocabulary = vocabulary
        self.profile = profile
        self.day = day
        self.open_ended = open_ended
        self._memory: dict[str, Possible] = {}
        self._busy: set[str] = set()
        # What is missing of each derived fact, remembered by `missing`: many criteria ask for the same ones.
        self.gaps: dict[str, tuple[str, ...]] = {}

    def with_open_ends(self) -> "Situation":
        """The same company and day, with unknown amounts and counts without upper bound."""
        return self if self.open_ended else Situation(self.vocabulary, self.profile, self.day, open_ended=True)

    def possible(self, name: str) -> Possible:
        """Everything the fact can be; raises RuleFault for an unknown fact and for facts derived in a circle."""
        known = self._memory.get(name)
        if known is None:
            known = self._memory[name] = self._find(name)
        return known

    def _find(self, name: str) -> Possible:
        fact = self.vocabulary.get(name)
        if fact is None:
            raise RuleFault(Text(f"unknown fact “{name}”", f"未知的事实项“{name}”"), code="unknown_fact")
        if fact.derived is None:
            value = self.profile.value(name)
            return _unknown(fact, self.day, self.open_ended) if value is UNKNOWN else _known(fact, value)
        if name in self._busy:
            raise RuleFault(_circle(name), code="circle")
        from policies.rules.evaluation import possible_value  # the two need each other: facts of facts

        self._busy.add(name)
        try:
            return possible_value(derived_expression(fact, self.vocabulary), self)
        finally:
            self._busy.discard(name)


# What an expression must give for each kind of derived fact.
_GIVES = {
    **dict.fromkeys((Kind.WHOLE, Kind.NUMBER, Kind.MONEY, Kind.RATIO), "number"),
    Kind.YES_NO: "truth",
    Kind.ONE: "key",
    Kind.DAY: "day",
}


_derived: OrderedDict[tuple[int, str], tuple[Vocabulary, Fact, Expression]] = OrderedDict()
_MOST_REMEMBERED = 4096


def derived_expression(fact: Fact, vocabulary: Vocabulary) -> Expression:
    """The expression of a derived fact; raises RuleFault where it cannot be read or does not fit the fact's kind.

    Read and checked once for each fact of a vocabulary: every situation asks for it again.
    """
    assert fact.derived is not None, fact.name
    key = (id(vocabulary), fact.name)
    remembered = _derived.get(key)
    if remembered is not None and remembered[0] is vocabulary and remembered[1] is fact:
        return remembered[2]
    expression = _read_derived(fact, fact.derived, vocabulary)
    _derived[key] = (vocabulary, fact, expression)
    if len(_derived) > _MOST_REMEMBERED:
        _derived.popitem(last=False)
    return expression


def _read_derived(fact: Fact, text: str, vocabulary: Vocabulary) -> Expression:
    expression = parse_expression(text, vocabulary, derived=True)
    given, wanted = check_sorts(expression, vocabulary).name, _GIVES.get(fact.kind, fact.kind.value)
    if given != wanted:
        en = f"the expression gives {given}, but the kind of {fact.name} needs {wanted}"
        zh = f"表达式的结果是 {given}，而 {fact.name} 的类型需要 {wanted}"
        raise RuleFault(Text(en, zh), code="derived_kind")
    return expression


def asked_facts(names: "frozenset[str]", vocabulary: Vocabulary) -> frozenset[str]:
    """The asked facts that these facts come down to; raises RuleFault for facts derived in a circle."""
    found: set[str] = set()
    waiting, seen = list(names), set(names)
    while waiting:
        fact = vocabulary.get(waiting.pop())
        if fact is None:
            continue
        if fact.derived is None:
            found.add(fact.name)
            continue
        fresh = expression_facts(derived_expression(fact, vocabulary)) - seen
        seen |= fresh
        waiting.extend(fresh)
    return frozenset(found)


def _known(fact: Fact, value: Any) -> Possible:
    match fact.kind:
        case Kind.YES_NO:
            return Truth.of(value)
        case Kind.DAY:
            return DayRange(value, value)
        case Kind.ONE:
            return Keys(frozenset({value}))
        case Kind.MANY | Kind.CERTIFICATES:
            return Many(value)
    return Interval.point(Fraction(value))


def _unknown(fact: Fact, day: date, open_ended: bool) -> Possible:
    match fact.kind:
        case Kind.YES_NO:
            return Truth.UNKNOWN
        case Kind.DAY:
            low = fact.minimum if isinstance(fact.minimum, date) else EARLIEST_DAY
            high = fact.maximum if isinstance(fact.maximum, date) else years_later(day, FAR_FUTURE_YEARS)
            return DayRange(low, max(low, high))
        case Kind.ONE:
            return Keys(frozenset(choice.key for choice in fact.choices))
        case Kind.MANY | Kind.CERTIFICATES:
            return Many(None)
    low_bound, high_bound = fact.minimum, fact.maximum
    interval = replace(
        ANY_NUMBER,
        low=None if low_bound is None or isinstance(low_bound, date) else Fraction(low_bound),
        high=None if high_bound is None or isinstance(high_bound, date) else Fraction(high_bound),
    )
    return replace(interval, high=None) if open_ended and fact.kind is not Kind.RATIO else interval


def _circle(name: str) -> Text:
    return Text(f"“{name}” is derived from itself", f"“{name}”由自身推导，形成循环")

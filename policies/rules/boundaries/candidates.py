"""Values worth trying for the facts of an offer: those beside its thresholds, its keys, and round ones."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from companies.facts import Certificate, Fact, Kind, Value
from policies.rules.expressions import (
    Among,
    Band,
    Compare,
    Day,
    Expression,
    FactNamed,
    Has,
    Holds,
    Key,
    Number,
    Since,
    expression_facts,
    walk,
)
from policies.rules.months import months_later, years_later
from policies.rules.situation import Situation

STEPS = {
    Kind.WHOLE: Fraction(1), Kind.MONEY: Fraction(1, 100), Kind.RATIO: Fraction(1, 10_000), Kind.NUMBER: Fraction(1, 100),
}  # fmt: skip
_ROUND = tuple(map(Fraction, (0, 1, 2, 5, 10, 20, 50, 100, 1000, 10**4, 10**6, 10**7, 10**8, 10**9)))
_ROUND_MONEY = tuple(map(Fraction, (10**8, 10**7, 10**6, 10**9, 10**4, 100, 1, 0)))
_ROUND_RATIOS = tuple(Fraction(percent, 100) for percent in (0, 1, 5, 10, 20, 30, 50, 60, 80, 100))
_MOST = 40


def candidates(fact: Fact, expressions: Iterable[Expression], situation: Situation) -> Sequence[Value]:
    """Values that may make these expressions hold or fail, the nearest to their thresholds first."""
    nodes = [node for expression in expressions for node in walk(expression)]
    match fact.kind:
        case Kind.YES_NO:
            return [True, False]
        case Kind.ONE:
            named = _keys(fact, nodes)
            return [*named, *(choice.key for choice in fact.choices if choice.key not in named)][:_MOST]
        case Kind.MANY:
            named = _keys(fact, nodes)
            other = [choice.key for choice in fact.choices if choice.key not in named][:1]
            sets: list[Value] = [frozenset({key}) for key in named]
            return list(dict.fromkeys([*sets, frozenset(named), frozenset(), frozenset(other)]))[:_MOST]
        case Kind.CERTIFICATES:
            kinds = [kind for node in nodes if isinstance(node, Holds) for kind in node.kinds]
            held: list[Value] = [frozenset({certificate(kind, situation.day)}) for kind in dict.fromkeys(kinds)]
            every = frozenset(certificate(kind, situation.day) for kind in kinds)
            return list(dict.fromkeys([*held, every, frozenset()]))[:_MOST]
        case Kind.DAY:
            days = [*_days(fact, nodes, situation.day), situation.day, years_later(situation.day, -5)]
            return [*(day for day in dict.fromkeys(days) if is_within(fact, day))][:_MOST]
    step = STEPS[fact.kind]
    own = [node for node in nodes if isinstance(node, Compare | Band) and fact.name in expression_facts(node)]
    numbers = _numbers([part for node in own for part in walk(node)])
    near = [number + step * beside for number in numbers for beside in (0, 1, -1)]
    round_ones = {Kind.RATIO: _ROUND_RATIOS, Kind.MONEY: _ROUND_MONEY}.get(fact.kind, _ROUND)
    # A threshold on a sum or a quotient says nothing of one part's size, so round numbers are tried too.
    found = [value for number in (*near, *round_ones) if (value := number_value(fact, number)) is not None]
    return list(dict.fromkeys(found))[:_MOST]


def certificate(kind: str, day: date) -> Certificate:
    """A certificate of this kind that is valid on the day."""
    return Certificate(kind, years_later(day, -1), years_later(day, 1))


def number_value(fact: Fact, number: Fraction) -> Value | None:
    """The number as a value of the fact; None where its kind or its bounds do not allow it."""
    places = {Kind.WHOLE: 0, Kind.MONEY: 2}.get(fact.kind, 6)
    scaled = number * 10**places
    if scaled.denominator != 1:
        return None
    value = Decimal(scaled.numerator).scaleb(-places)
    low = Decimal(0) if fact.minimum is None and fact.kind is not Kind.RATIO else fact.minimum
    high = fact.maximum
    if (isinstance(low, Decimal | int) and value < low) or (isinstance(high, Decimal | int) and value > high):
        return None
    return int(value) if fact.kind is Kind.WHOLE else value


def is_within(fact: Fact, day: date) -> bool:
    """Whether the bounds of the fact allow the day."""
    low, high = fact.minimum, fact.maximum
    return not ((isinstance(low, date) and day < low) or (isinstance(high, date) and day > high))


def _keys(fact: Fact, nodes: list[Expression]) -> list[str]:
    found: list[str] = []
    for node in nodes:
        match node:
            case Among(FactNamed(name), keys, _) if name == fact.name:
                found.extend(keys)
            case Has(key, FactNamed(name), _) if name == fact.name:
                found.append(key)
            case Key(key) if fact.choice(key) is not None:
                found.append(key)
    return list(dict.fromkeys(key for key in found if fact.choice(key) is not None))


def _numbers(nodes: list[Expression]) -> list[Fraction]:
    return list(dict.fromkeys(node.value for node in nodes if isinstance(node, Number)))


def _days(fact: Fact, nodes: list[Expression], today: date) -> Iterable[date]:
    for node in nodes:
        if isinstance(node, Day):
            yield from (node.day, node.day + timedelta(1), node.day - timedelta(1))
        if isinstance(node, Compare):
            for part in node.parts():
                if isinstance(part, Since):
                    for number in _numbers(list(node.parts())):
                        yield from beside(part, number, today)


def beside(since: Since, number: Fraction, today: date) -> list[date]:
    """The last day with which so many years or months are completed today, the day after and the day before it."""
    if not 0 <= number <= 200 or number.denominator != 1:
        return []
    count = int(number)
    at = years_later(today, -count) if since.unit == "years" else months_later(today, -count)
    return [at, at + timedelta(1), at - timedelta(1)]

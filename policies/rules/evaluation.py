"""The meaning of expressions: slow, obvious, and the judge of any faster way."""

from datetime import date
from fractions import Fraction
from typing import Any

from companies.facts import Certificate, Fact
from policies.rules.expressions import (
    Among,
    Arithmetic,
    Band,
    Both,
    Compare,
    Day,
    Either,
    Expression,
    Extreme,
    FactNamed,
    Growth,
    Has,
    Holds,
    Key,
    Negated,
    Negative,
    Number,
    Otherwise,
    Since,
    YesNo,
)
from policies.rules.intervals import UNDEFINED, Interval, equal, less, lowest_or_highest, nth_root
from policies.rules.months import months_between, years_between
from policies.rules.situation import DayRange, Keys, Many, Possible, Situation
from policies.rules.truth import Truth


def evaluate_expression(expression: Expression, situation: Situation) -> Truth:
    """Whether a condition holds: YES and NO only when no further answer can change it."""
    truth = possible_value(expression, situation)
    assert isinstance(truth, Truth), expression
    return truth


def evaluate_number(expression: Expression, situation: Situation) -> Interval:
    """Everything a numeric expression can be."""
    interval = possible_value(expression, situation)
    assert isinstance(interval, Interval), expression
    return interval


def possible_value(expression: Expression, situation: Situation) -> Possible:
    """Everything the expression can be, given what is known."""
    match expression:
        case FactNamed(name):
            return situation.possible(name)
        case Number(value):
            return Interval.point(value)
        case Key(key):
            return Keys(frozenset({key}))
        case YesNo(value):
            return Truth.of(value)
        case Day(day):
            return DayRange(day, day)
        case Both(of):
            return Truth.every(evaluate_expression(part, situation) for part in of)
        case Either(of):
            return Truth.some(evaluate_expression(part, situation) for part in of)
        case Negated(operand):
            return ~evaluate_expression(operand, situation)
        case Compare():
            return Truth.every(compare_pair(*pair, situation) for pair in pairs(expression))
        case Has(key, fact, negated):
            return _negated(_has(situation.possible(fact.name), frozenset({key})), negated)
        case Among(fact, keys, negated):
            return _negated(_has(situation.possible(fact.name), frozenset(keys)), negated)
        case Holds():
            return _holds(expression, situation)
        case Otherwise():
            return _otherwise(expression, situation)
        case Band():
            return _band(expression, situation)
    return _number(expression, situation)


def _number(expression: Expression, situation: Situation) -> Interval:
    match expression:
        case Arithmetic(operator, left, right):
            return _arithmetic(operator, evaluate_number(left, situation), evaluate_number(right, situation))
        case Negative(operand):
            return -evaluate_number(operand, situation)
        case Extreme(which, of):
            return lowest_or_highest(which, [evaluate_number(part, situation) for part in of])
        case Since(unit, day):
            return _since(unit, possible_value(day, situation), situation.day)
        case Growth(now, before, years):
            quotient = evaluate_number(now, situation) / evaluate_number(before, situation)
            return nth_root(quotient, years) - Interval.point(1) if quotient.defined is not Truth.NO else UNDEFINED
    raise TypeError(f"not an expression: {expression!r}")


def _arithmetic(operator: str, left: Interval, right: Interval) -> Interval:
    if Truth.NO in (left.defined, right.defined):
        return UNDEFINED
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    return left / right


def pairs(compare: Compare) -> list[tuple[Expression, str, Expression]]:
    """The neighbouring pairs of a chain of comparisons."""
    sides = compare.parts()
    return [(sides[at], operator, right) for at, (operator, right) in enumerate(compare.rest)]


def compare_pair(left: Expression, operator: str, right: Expression, situation: Situation) -> Truth:
    """Whether one comparison holds."""
    a, b = possible_value(left, situation), possible_value(right, situation)
    if isinstance(a, Interval) and isinstance(b, Interval):
        return _compare_numbers(a, operator, b)
    if isinstance(a, DayRange) and isinstance(b, DayRange):
        return _compare_numbers(_ordinals(a), operator, _ordinals(b))
    if isinstance(a, Truth) and isinstance(b, Truth):
        same = (a & b) | (~a & ~b)
    elif isinstance(a, Keys) and isinstance(b, Keys):
        same = _same_keys(a.possible, b.possible)
    else:
        raise TypeError(f"cannot compare {a!r} with {b!r}")
    return same if operator == "==" else ~same


def _compare_numbers(a: Interval, operator: str, b: Interval) -> Truth:
    match operator:
        case "<":
            return less(a, b)
        case ">":
            return less(b, a)
        case "<=":
            return ~less(b, a)
        case ">=":
            return ~less(a, b)
        case "==":
            return equal(a, b)
    return ~equal(a, b)


def _ordinals(days: DayRange) -> Interval:
    return Interval(Fraction(days.low.toordinal()), Fraction(days.high.toordinal()))


def _same_keys(a: frozenset[str], b: frozenset[str]) -> Truth:
    if not a & b:
        return Truth.NO
    return Truth.YES if len(a) == 1 and a == b else Truth.UNKNOWN


def _has(possible: Possible, keys: frozenset[str]) -> Truth:
    """Whether the one choice is among the keys, or any of the many is."""
    if isinstance(possible, Keys):
        if possible.possible <= keys:
            return Truth.YES
        return Truth.UNKNOWN if possible.possible & keys else Truth.NO
    assert isinstance(possible, Many), possible
    return Truth.UNKNOWN if possible.held is None else Truth.of(bool(possible.held & keys))


def _negated(truth: Truth, negated: bool) -> Truth:
    return ~truth if negated else truth


def _holds(holds: Holds, situation: Situation) -> Truth:
    possible = situation.possible(holds.fact.name)
    assert isinstance(possible, Many), possible
    if possible.held is None:
        return Truth.UNKNOWN
    fact = situation.vocabulary.get(holds.fact.name)
    return Truth.some(
        certificate_valid(certificate, fact, situation.day)
        for certificate in possible.held
        if certificate.kind in holds.kinds
    )


def certificate_valid(certificate: Certificate, fact: Fact | None, day: date) -> Truth:
    """Whether a certificate is valid on the day: its last day still counts; unknown while that day is not known."""
    if certificate.issued is not None and certificate.issued > day:
        return Truth.NO
    if certificate.expires is not None:
        return Truth.of(day <= certificate.expires)
    choice = fact.choice(certificate.kind) if fact else None
    return Truth.YES if choice is not None and choice.validity_years is None else Truth.UNKNOWN


def _since(unit: str, days: Any, day: date) -> Interval:
    assert isinstance(days, DayRange), days
    count = years_between if unit == "years" else months_between
    return Interval(Fraction(count(days.high, day)), Fraction(count(days.low, day)))


def _otherwise(otherwise: Otherwise, situation: Situation) -> Possible:
    reachable: list[Possible] = []
    for condition, value in otherwise.cases:
        truth = evaluate_expression(condition, situation)
        if truth is not Truth.NO:
            reachable.append(possible_value(value, situation))
        if truth is Truth.YES:
            return any_of(reachable)
    return any_of([*reachable, possible_value(otherwise.last, situation)])


def reachable_steps(band: Band, situation: Situation) -> tuple[list[Expression], bool]:
    """The values that the band can still take, and whether `of` can lie below the first line without a value there."""
    of = evaluate_number(band.of, situation)
    starts = [start.value for start, _ in band.steps]
    found = []
    below = of.low is None or of.low < starts[0]
    if below and band.below is not None:
        found.append(band.below)
    for at, (_, value) in enumerate(band.steps):
        starts_above = of.high is not None and of.high < starts[at]
        ends_below = at + 1 < len(starts) and of.low is not None and of.low >= starts[at + 1]
        if not starts_above and not ends_below:
            found.append(value)
    return found, below and band.below is None


def _band(band: Band, situation: Situation) -> Possible:
    of = evaluate_number(band.of, situation)
    if isinstance(band.steps[0][1], Key) and of.defined is not Truth.YES:
        # A choice cannot be "undefined", so every line stays possible.
        lines = [value for _, value in band.steps] + ([] if band.below is None else [band.below])
        return any_of([possible_value(value, situation) for value in lines])
    values, may_miss = reachable_steps(band, situation)
    if not values or of.defined is Truth.NO:
        return UNDEFINED
    result = any_of([possible_value(value, situation) for value in values])
    if isinstance(result, Interval) and (may_miss or of.defined is Truth.UNKNOWN):
        return Interval(result.low, result.high, result.defined & Truth.UNKNOWN)
    return result


def any_of(values: list[Possible]) -> Possible:
    """Everything that any of the values can be."""
    result = values[0]
    for value in values[1:]:
        if isinstance(result, Interval) and isinstance(value, Interval):
            result = result.hull(value)
        elif isinstance(result, Keys) and isinstance(value, Keys):
            result = Keys(result.possible | value.possible)
        elif isinstance(result, DayRange) and isinstance(value, DayRange):
            result = DayRange(min(result.low, value.low), max(result.high, value.high))
        elif isinstance(result, Truth) and isinstance(value, Truth):
            result = result if result is value else Truth.UNKNOWN
        else:
            raise TypeError(f"{result!r} and {value!r} are of different kinds")
    return result

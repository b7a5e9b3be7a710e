"""Where a condition on one fact can change its answer: the constants that the fact is compared with.

Between two neighbouring lines the answer is the same for every value, so one value of each stretch, and each line
itself, say all. The reference evaluator is asked for those; nothing here repeats its meaning.
"""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

from companies.facts import Kind, Vocabulary
from policies.rules.expressions import (
    Band,
    Both,
    Compare,
    Day,
    Either,
    Expression,
    FactNamed,
    Negated,
    Number,
    Otherwise,
    Since,
    expression_facts,
)
from policies.rules.months import months_between, years_between
from policies.rules.situation import asked_facts, derived_expression

Line = Fraction | date

# Made of parts that have lines of their own.
_PASSED_ON = (Both, Either, Negated, Otherwise)


class NotLined(Exception):
    """The condition is not decided by comparing one fact with constants."""


def facts_under(expression: Expression, vocabulary: Vocabulary) -> frozenset[str]:
    """The asked facts that the expression comes down to."""
    return asked_facts(expression_facts(expression), vocabulary)


def lines_of(expression: Expression, vocabulary: Vocabulary, day: date) -> set[Line]:
    """The lines of a condition on one number or day; raises NotLined where it is more than comparisons with constants."""
    found: set[Line] = set()
    _collect(expression, vocabulary, day, found)
    return found


def _collect(expression: Expression, vocabulary: Vocabulary, day: date, found: set[Line]) -> None:
    match expression:
        case FactNamed(name):
            fact = vocabulary.get(name)
            if fact is None or fact.derived is None:
                raise NotLined(name)
            _collect(derived_expression(fact, vocabulary), vocabulary, day, found)
        case Compare():
            sides = expression.parts()
            for left, right in pairwise(sides):
                _pair(left, right, vocabulary, day, found)
        case Band(of, below, steps):
            for start, _ in steps:
                _pair(of, start, vocabulary, day, found)
            for value in (*([] if below is None else [below]), *(value for _, value in steps)):
                _collect(value, vocabulary, day, found)
        case _:
            if not isinstance(expression, _PASSED_ON) and facts_under(expression, vocabulary):
                raise NotLined(expression)
            for part in expression.parts():
                _collect(part, vocabulary, day, found)


def _pair(left: Expression, right: Expression, vocabulary: Vocabulary, day: date, found: set[Line]) -> None:
    for side, other in ((left, right), (right, left)):
        bare = _bare(side, vocabulary)
        if bare is not None:
            found.update(_crossed(bare, other, day))
            return
    _collect(left, vocabulary, day, found)
    _collect(right, vocabulary, day, found)


def _bare(side: Expression, vocabulary: Vocabulary) -> Expression | None:
    """The number or day itself, or the time since that day; seen through facts that are derived as just that."""
    if isinstance(side, Since):
        inner = _bare(side.day, vocabulary)
        return None if inner is None else Since(side.unit, inner)
    if not isinstance(side, FactNamed):
        return None
    fact = vocabulary.get(side.name)
    if fact is None or fact.kind in (Kind.YES_NO, Kind.ONE):
        return None
    return side if fact.derived is None else _bare(derived_expression(fact, vocabulary), vocabulary)


def _crossed(bare: Expression, other: Expression, day: date) -> Iterable[Line]:
    match bare, other:
        case FactNamed(), Number(value):
            return [value]
        case FactNamed(), Day(constant):
            return [constant]
        case Since(unit, FactNamed()), Number(value):
            return _first_days_below(unit, {ceil(value), floor(value) + 1}, day)
    raise NotLined(other)


def _first_days_below(unit: str, counts: set[int], day: date) -> list[Line]:
    """The first days from which fewer than so many years or months have passed."""
    between = years_between if unit == "years" else months_between
    found: list[Line] = []
    for count in counts:
        low, high = date.min.toordinal(), date.max.toordinal()
        if between(date.fromordinal(high), day) >= count or between(date.fromordinal(low), day) < count:
            continue
        while high - low > 1:
            middle = (low + high) // 2
            if between(date.fromordinal(middle), day) < count:
                high = middle
            else:
                low = middle
        found.append(date.fromordinal(high))
    return found


def samples_of(lines: list[Line]) -> list[Line]:
    """A value below the first line, on it, between it and the next, and so on: 2 n + 1 values for n lines."""
    if not lines:
        return [Fraction(0)]
    found: list[Line] = [_before(lines[0])]
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        found += [line, _between(line, following)]
    return found


def _before(line: Line) -> Line:
    return date.fromordinal(max(line.toordinal() - 1, 1)) if isinstance(line, date) else line - 1


def _between(line: Line, following: Line | None) -> Line:
    if isinstance(line, date):
        return date.fromordinal(min(line.toordinal() + 1, date.max.toordinal()))
    return line + 1 if following is None else (line + following) / 2  # type: ignore[operator]

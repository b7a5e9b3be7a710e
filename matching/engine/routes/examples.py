"""Answers that a company could give: examples to work others out with, and the bounds within which they lie."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from companies.facts import Fact, Kind
from matching.engine.routes.aims import STEPS, Aim, Chosen, Within, number_of, value_of_number

LONGEST_WAIT = timedelta(days=366 * 20)
_TOPS = {Kind.MONEY: Fraction(10**12), Kind.RATIO: Fraction(100)}
_ANY_TOP = Fraction(10**9)
_EXAMPLES = {Kind.MONEY: (Fraction(10**6), Fraction(10**8)), Kind.WHOLE: (Fraction(10), Fraction(100))}
_ANY_EXAMPLES = (Fraction(1), Fraction(0))
"""Figures to begin with where several are unknown: ones that a company could have."""


def examples(fact: Fact, lines: tuple[Fraction, ...], day: date) -> Iterator[tuple[Any, Aim]]:
    """Answers to begin with, each with the aim that it stands for: the likely ones first."""
    if fact.kind is Kind.YES_NO:
        yield True, Chosen(frozenset({True}))
        yield False, Chosen(frozenset({False}))
    elif fact.kind is Kind.ONE:
        for choice in fact.choices:
            yield choice.key, Chosen(frozenset({choice.key}))
    else:
        bottom, top = bounds(fact, day)
        lines = () if fact.kind is Kind.DAY else lines
        for number in dict.fromkeys((*_EXAMPLES.get(fact.kind, ()), *lines, *_ANY_EXAMPLES, bottom, top)):
            if bottom <= number <= top and (number - bottom) % STEPS[fact.kind] == 0:
                yield value_of_number(fact, number), Within(number, number, example=True)


def bounds(fact: Fact, day: date) -> tuple[Fraction, Fraction]:
    """The least and the most that a number or a day (its ordinal) can be in a route."""
    low, high = fact.minimum, fact.maximum
    if fact.kind is Kind.DAY:
        return (
            number_of(low if isinstance(low, date) else date(1900, 1, 1)),
            number_of(high if isinstance(high, date) else day + LONGEST_WAIT),
        )
    top = _TOPS.get(fact.kind, _ANY_TOP)
    bottom = Fraction(0) if low is None else number_of(low)
    return bottom, max(bottom, top if high is None else number_of(high))

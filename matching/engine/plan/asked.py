"""What asked facts can be for a block of companies: the answer where there is one, else what the fact's bounds allow."""

from datetime import date
from typing import Any

import numpy as np

from companies.facts import Fact, Profile, Vocabulary
from matching.engine.plan.bits import Array, unpack
from matching.engine.plan.certificates import valid_kinds
from matching.engine.plan.columns import (
    PLACES,
    CertificateColumn,
    ChoiceColumn,
    Columns,
    NumberColumn,
    SetColumn,
    YesNoColumn,
)
from matching.engine.plan.ranges import EVERY_FLAG, NO_FLAG, Flags, Range, enclosure, same_where_equal
from matching.engine.plan.truths import Choices, Truths, any_flag
from policies.rules import Situation
from policies.rules.intervals import Interval
from policies.rules.situation import DayRange


class AskedFacts:
    """Some neighbouring companies, fact by fact."""

    def __init__(self, columns: Columns, vocabulary: Vocabulary, day: date, *, open_ended: bool) -> None:
        self.columns = columns
        self.vocabulary = vocabulary
        self.day = day
        self.nothing = Situation(vocabulary, Profile({}), day, open_ended=open_ended)

    def fact(self, name: str) -> Fact:
        """The fact with this name."""
        fact = self.vocabulary.get(name)
        assert fact is not None, name
        return fact

    def known(self, name: str) -> Flags:
        """The companies that have answered it."""
        column = self.columns.get(name)
        return NO_FLAG if column is None else unpack(column.known, self.columns.rows)

    def yes_no(self, name: str) -> Truths:
        """A yes-or-no fact."""
        column = self.columns.get(name)
        if column is None:
            return Truths(NO_FLAG, EVERY_FLAG, EVERY_FLAG)
        assert isinstance(column, YesNoColumn), name
        yes, unknown = unpack(column.yes, self.columns.rows), ~self.known(name)
        return Truths(yes, yes | unknown, unknown)

    def any_of_many(self, name: str, keys: tuple[str, ...]) -> Truths:
        """Whether a set of choices has one of these keys."""
        column = self.columns.get(name)
        if column is None:
            return Truths(NO_FLAG, EVERY_FLAG, EVERY_FLAG)
        assert isinstance(column, SetColumn), name
        unknown = ~self.known(name)
        held = any_flag(
            [unpack(column.members[at], self.columns.rows) for at, key in enumerate(column.keys) if key in keys]
        )
        return Truths(held & ~unknown, held | unknown, unknown)

    def holds(self, kinds: tuple[str, ...], name: str) -> Truths:
        """Whether a certificate of one of these kinds is valid on the day."""
        column = self.columns.get(name)
        if column is None:
            return Truths(NO_FLAG, EVERY_FLAG, EVERY_FLAG)
        assert isinstance(column, CertificateColumn), name
        sure, possible = valid_kinds(column, kinds, self.fact(name), self.day, self.columns.rows)
        possible |= ~self.known(name)
        return Truths(sure, possible, possible & ~sure)

    def one_of(self, name: str) -> Choices:
        """The keys that the one choice can be."""
        column, known = self.columns.get(name), self.known(name)
        keys = [choice.key for choice in self.fact(name).choices]
        possible: dict[str, Flags] = dict.fromkeys(keys, ~known)
        if column is not None:
            assert isinstance(column, ChoiceColumn), name
            for code, key in enumerate(column.keys, 1):
                possible[key] = possible.get(key, NO_FLAG) | (column.codes == code)
        return Choices(possible, ~known)

    def asked_number(self, name: str) -> Range:
        """A number, an amount, a count or a ratio."""
        fact, column, known = self.fact(name), self.columns.get(name), self.known(name)
        places = PLACES[fact.kind]
        unknown = self.nothing.possible(name)
        assert isinstance(unknown, Interval), name
        low = (np.float64(-np.inf),) * 2 if unknown.low is None else enclosure(unknown.low, places)
        high = (np.float64(np.inf),) * 2 if unknown.high is None else enclosure(unknown.high, places)
        if column is None:
            return _bounded(same_where_equal(low), same_where_equal(high), places, NO_FLAG, NO_FLAG, unknown)
        assert isinstance(column, NumberColumn), name
        values = column.values.astype(np.float64)
        large = np.abs(values) >= 2.0**53
        unsure: Flags = NO_FLAG
        if large.any():
            unsure = large
        if column.odd:
            unsure = unsure | np.isin(np.arange(self.columns.rows), list(column.odd))
        return _bounded(_or_else(known, values, low), _or_else(known, values, high), places, known, unsure, unknown)

    def asked_days(self, name: str) -> tuple[Array, Array, Flags, Flags]:
        """The first and the last day it can be, as ordinals; where it is not known; where it is not to be trusted."""
        unknown = self.nothing.possible(name)
        assert isinstance(unknown, DayRange), name
        first, last = np.int64(unknown.low.toordinal()), np.int64(unknown.high.toordinal())
        column, known = self.columns.get(name), self.known(name)
        if column is None:
            return first, last, EVERY_FLAG, NO_FLAG  # type: ignore[return-value]
        assert isinstance(column, NumberColumn), name
        return np.where(known, column.values, first), np.where(known, column.values, last), ~known, NO_FLAG


def _or_else(known: Flags, values: Array, ends: tuple[Any, Any]) -> tuple[Any, Any]:
    below = np.where(known, values, ends[0])
    return (below, below) if ends[0] == ends[1] else (below, np.where(known, values, ends[1]))


def _bounded(low: Any, high: Any, places: int, known: Flags, unsure: Flags, unknown: Interval) -> Range:
    fixed = np.bool_(unknown.exact is not None)
    return Range((low[0], low[1]), (high[0], high[1]), places, point=known | fixed, gaps=~known, unsure=unsure)

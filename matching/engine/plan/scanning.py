"""Rows of bits read straight from columns: thresholds, choices and sets, each column once for all tests of it."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, cast

import numpy as np

from matching.engine.plan.bits import Array, Words, words_for
from matching.engine.plan.columns import ChoiceColumn, Column, Columns, NumberColumn, SetColumn, YesNoColumn
from matching.engine.plan.compiling import Plan
from matching.engine.plan.criteria import AnyOfMany, Chosen, ColumnTest, Threshold, YesNoTest
from matching.engine.plan.ranges import EXACT

PART = 32_768
"""Companies whose tests of a column are computed at once, so that they are in the nearest cache; a multiple of 64."""

_WORTH_FLOATS = 4
"""From so many lines on, comparing floats saves more than making them costs."""


class Scanner:
    """Scans block after block into the same memory: fresh memory for each would cost more than the comparisons."""

    def __init__(self, plan: Plan, room: Words, rows: int) -> None:
        """`room` has a line for each test of a column; blocks have so many rows at most."""
        self.plan = plan
        self._lines = room
        self._flags = np.empty((_most_lines(plan), min(PART, rows)), np.bool_)

    def scan(self, columns: Columns) -> dict[int, Words]:
        """For each test of a column the companies that have answered and fulfil it; valid until the next scan."""
        found: dict[int, Words] = {}
        first = 0
        for name, numbers in self.plan.by_column.items():
            tests = [cast(ColumnTest, self.plan.tests[number]) for number in numbers]
            room = self._lines[first : first + len(tests), : words_for(columns.rows)]
            first += len(tests)
            found.update(zip(numbers, self._fulfilled(columns.get(name), tests, room), strict=True))
        return found

    def _fulfilled(self, column: Column | None, tests: list[Any], room: Words) -> Sequence[Words] | Words:
        """A row for each of the tests of a column, in the room or wherever it is already."""
        match column:
            case NumberColumn():
                return self._thresholds(column, tests, room)
            case ChoiceColumn():
                return self._choices(column, tests, room)
            case SetColumn():
                return self._unite(column.members, _places(column.keys, tests), room)
            case YesNoColumn():
                return [column.yes for test in tests if isinstance(test, YesNoTest)]
        room[:] = 0
        return room

    def _compare(self, values: Array, lines: list[Any], equal: list[bool], room: Words) -> None:
        """Row k of the room: which values are at least (or equal to) line k; a part of them at a time."""
        if not len(values):
            return
        compare = [np.equal if one else np.greater_equal for one in equal]
        room[:, -1] = 0
        as_bytes = room.view(np.uint8)
        for start in range(0, len(values), PART):
            here, against = _comparable(values[start : start + PART], lines)
            flags = self._flags[: len(room), : len(here)]
            for how, line, own in zip(compare, against, flags, strict=True):
                how(here, line, out=own)
            packed = np.packbits(flags, axis=1, bitorder="little")
            as_bytes[:, start // 8 : start // 8 + packed.shape[1]] = packed

    def _thresholds(self, column: NumberColumn, tests: list[Threshold], room: Words) -> Words:
        lines = [column.values.dtype.type(test.line_in(column)) for test in tests]
        self._compare(column.values, lines, [test.equal for test in tests], room)
        for at, test in enumerate(tests):
            if test.line == 0 if test.equal else test.line <= 0:
                room[at] &= column.known  # who has not answered has a 0 in the array
        for row, value in column.odd.items():
            for at, test in enumerate(tests):
                bit, holds = np.uint64(1 << row % 64), test.holds_of(Fraction(value))
                room[at, row // 64] = room[at, row // 64] | bit if holds else room[at, row // 64] & ~bit
        return room

    def _choices(self, column: ChoiceColumn, tests: list[Chosen], room: Words) -> Sequence[Words] | Words:
        """Each key that any test names once; a test is the union of its keys."""
        named = frozenset[str]().union(*(test.keys for test in tests))
        codes = {key: code for code, key in enumerate(column.keys, 1) if key in named}
        wanted = [column.codes.dtype.type(code) for code in codes.values()]
        found = np.empty((len(wanted), room.shape[1]), np.uint64)
        most = max(_most_lines(self.plan), 1)
        for first in range(0, len(wanted), most):
            part = wanted[first : first + most]
            self._compare(column.codes, part, [True] * len(part), found[first : first + most])
        return self._unite(found, _places(tuple(codes), tests), room)

    def _unite(self, lines: Words, picks: list[list[int]], room: Words) -> Sequence[Words] | Words:
        """For each pick of the lines the companies that are in any of them."""
        return [_union([lines[at] for at in pick], own) for pick, own in zip(picks, room, strict=True)]


def _most_lines(plan: Plan) -> int:
    return max(map(len, plan.by_column.values()), default=0)


def _places(keys: tuple[str, ...], tests: "Sequence[Chosen | AnyOfMany]") -> list[list[int]]:
    """For each test the places of its keys among those of a column."""
    place = {key: at for at, key in enumerate(keys)}
    return [[place[key] for key in test.keys if key in place] for test in tests]


def _comparable(values: Array, lines: list[Any]) -> tuple[Array, list[Any]]:
    """Numbers and lines in the type in which numpy compares them fastest: floats where they hold them exactly."""
    if values.dtype != np.int64 or not len(values) or len(lines) < _WORTH_FLOATS:
        return values, lines
    floats = values.astype(np.float64)
    if floats.max() >= EXACT or floats.min() <= -EXACT:
        return values, lines
    # No number lies beyond the ends, so a line there may be moved to them.
    return floats, [np.float64(min(max(int(line), -int(EXACT)), int(EXACT))) for line in lines]


def _union(lines: list[Words], room: Words) -> Words:
    if len(lines) == 1:
        return lines[0]
    room[:] = 0
    for line in lines:
        np.bitwise_or(room, line, out=room)
    return room

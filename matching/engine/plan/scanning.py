"""Rows of bits read straight from columns: thresholds, choices and sets, each column once for all tests of it."""

from fractions import Fraction
from typing import Any, cast

import numpy as np

from matching.engine.plan.bits import Array, Words, no_row, words_for
from matching.engine.plan.columns import ChoiceColumn, Columns, NumberColumn, SetColumn, YesNoColumn
from matching.engine.plan.compiling import Plan
from matching.engine.plan.criteria import AnyOfMany, Chosen, ColumnTest, Threshold, YesNoTest
from matching.engine.plan.ranges import EXACT

PART = 32_768
"""Companies whose tests of a column are computed at once, so that they are in the nearest cache; a multiple of 64."""

_WORTH_FLOATS = 4
"""From so many lines on, comparing floats saves more than making them costs."""


def scanned(plan: Plan, columns: Columns) -> dict[int, Words]:
    """For each test of a column the companies that have answered and fulfil it."""
    found: dict[int, Words] = {}
    for name, numbers in plan.by_column.items():
        tests = [cast(ColumnTest, plan.tests[number]) for number in numbers]
        column = columns.get(name)
        lines: Any
        match column:
            case None:
                lines = [no_row(columns.rows)] * len(tests)
            case NumberColumn():
                lines = _thresholds(column, cast("list[Threshold]", tests), columns.rows)
            case ChoiceColumn():
                lines = _choices(column, cast("list[Chosen]", tests), columns.rows)
            case SetColumn():
                lines = [_any_of(column, cast(AnyOfMany, test), columns.rows) for test in tests]
            case YesNoColumn():
                lines = [column.yes for test in tests if isinstance(test, YesNoTest)]
        found.update(zip(numbers, lines, strict=True))
    return found


def _thresholds(column: NumberColumn, tests: list[Threshold], rows: int) -> Words:
    lines = [column.values.dtype.type(test.line_in(column)) for test in tests]
    compare = [np.equal if test.equal else np.greater_equal for test in tests]
    bits = np.zeros((len(tests), words_for(rows)), np.uint64)
    as_bytes = bits.view(np.uint8)
    flags = np.empty((len(tests), min(PART, rows)), np.bool_)
    for start in range(0, rows, PART):
        values, against = _comparable(column.values[start : start + PART], lines)
        part = flags[:, : len(values)]
        for at, (line, how) in enumerate(zip(against, compare, strict=True)):
            how(values, line, out=part[at])
        packed = np.packbits(part, axis=1, bitorder="little")
        as_bytes[:, start // 8 : start // 8 + packed.shape[1]] = packed
    for at, test in enumerate(tests):
        if test.line == 0 if test.equal else test.line <= 0:
            bits[at] &= column.known  # who has not answered has a 0 in the array
    for row, value in column.odd.items():
        for at, test in enumerate(tests):
            bit = np.uint64(1 << row % 64)
            holds = test.holds_of(Fraction(value))
            bits[at, row // 64] = bits[at, row // 64] | bit if holds else bits[at, row // 64] & ~bit
    return bits


def _comparable(values: Array, lines: list[Any]) -> tuple[Array, list[Any]]:
    """Numbers and lines in the type in which numpy compares them fastest: floats where they hold them exactly."""
    if values.dtype != np.int64 or not len(values) or len(lines) < _WORTH_FLOATS:
        return values, lines
    floats = values.astype(np.float64)
    if floats.max() >= EXACT or floats.min() <= -EXACT:
        return values, lines
    # No number lies beyond the ends, so a line there may be moved to them.
    return floats, [np.float64(min(max(int(line), -int(EXACT)), int(EXACT))) for line in lines]


def _choices(column: ChoiceColumn, tests: list[Chosen], rows: int) -> list[Words]:
    """Each key that any test names once; a test is the union of its keys."""
    named = frozenset[str]().union(*(test.keys for test in tests))
    codes = {key: code for code, key in enumerate(column.keys, 1) if key in named}
    place = {key: at for at, key in enumerate(codes)}
    wanted = [column.codes.dtype.type(code) for code in codes.values()]
    bits = np.zeros((len(codes), words_for(rows)), np.uint64)
    as_bytes = bits.view(np.uint8)
    flags = np.empty((len(codes), min(PART, rows)), np.bool_)
    for start in range(0, rows if wanted else 0, PART):
        part = flags[:, : min(PART, rows - start)]
        for at, code in enumerate(wanted):
            np.equal(column.codes[start : start + PART], code, out=part[at])
        packed = np.packbits(part, axis=1, bitorder="little")
        as_bytes[:, start // 8 : start // 8 + packed.shape[1]] = packed
    return [_union([bits[place[key]] for key in sorted(test.keys) if key in place], rows) for test in tests]


def _any_of(column: SetColumn, test: AnyOfMany, rows: int) -> Words:
    return _union([column.members[at] for at, key in enumerate(column.keys) if key in test.keys], rows)


def _union(lines: list[Words], rows: int) -> Words:
    if len(lines) < 2:
        return lines[0] if lines else no_row(rows)
    union = lines[0] | lines[1]
    for line in lines[2:]:
        np.bitwise_or(union, line, out=union)
    return union

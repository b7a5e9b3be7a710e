"""Making columns from profiles: chunk by chunk, so that only the columns themselves grow."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation
from fractions import Fraction
from itertools import islice, repeat
from typing import Any

import numpy as np

from companies.facts import Certificate, Fact, Kind, Profile, Vocabulary
from matching.engine.plan.bits import Array, Flags, Words, pack, words_for
from matching.engine.plan.columns import (
    PLACES,
    CertificateColumn,
    ChoiceColumn,
    Column,
    Columns,
    DayColumn,
    NumberColumn,
    SetColumn,
    YesNoColumn,
)
from matching.engine.plan.joining import joined_columns

CHUNK = 16_384
"""Companies that are turned into columns at once; a multiple of 64, so that chunks join word by word."""

MOST = 2**63 - 2
"""The highest number of a column: one less than fits, so that a line above every number can be told from them."""

_EXACT = Context(prec=40, traps=[Inexact, InvalidOperation])


def columns_of(vocabulary: Vocabulary, profiles: Iterable[Profile]) -> Columns:
    """The profiles, in their order, as columns; raises ValueError for a number that is not one (NaN, infinity).

    Reads the profiles once and keeps none of them.
    """
    asked = {fact.name: fact for fact in vocabulary.asked}
    waiting, chunks = iter(profiles), []
    while chunk := list(islice(waiting, CHUNK)):
        chunks.append(_chunk(vocabulary, asked, chunk))
    return joined_columns(vocabulary, chunks)


def _chunk(vocabulary: Vocabulary, asked: dict[str, Fact], profiles: list[Profile]) -> Columns:
    given: dict[str, tuple[list[int], list[Any]]] = {}
    for row, profile in enumerate(profiles):
        for name, answer in profile.answers.items():
            lists = given.get(name)
            if lists is None:
                lists = given[name] = ([], [])
            lists[0].append(row)
            lists[1].append(answer.value)
    by_fact = {name: _column(asked[name], *given[name], len(profiles)) for name in given if name in asked}
    return Columns(vocabulary, len(profiles), by_fact)


def _column(fact: Fact, rows: list[int], values: list[Any], total: int) -> Column:
    at = np.array(rows, np.int64)
    known = _at(at, total)
    match fact.kind:
        case Kind.YES_NO:
            return YesNoColumn(pack(known), _bits(at[np.array(values, np.bool_)], total))
        case Kind.DAY:
            days = np.zeros(total, np.int32)
            days[at] = np.fromiter(map(date.toordinal, values), np.int32, len(values))
            return DayColumn(pack(known), days, 0)
        case Kind.ONE:
            return _choices(pack(known), at, values, total)
        case Kind.MANY:
            return _sets(pack(known), at, values, total)
        case Kind.CERTIFICATES:
            return _certificates(pack(known), rows, values)
    return _numbers(fact, pack(known), at, values, total)


def _at(rows: Array, total: int) -> Flags:
    flags = np.zeros(total, np.bool_)
    flags[rows] = True
    return flags


def _bits(rows: Array, total: int) -> Words:
    return pack(_at(rows, total))


class _Codes(dict[Any, int]):
    """Numbers keys in the order of their first appearance."""

    def __missing__(self, key: Any) -> int:
        code = self[key] = len(self)
        return code


def _numbers(fact: Fact, known: Words, at: Array, values: list[Any], total: int) -> NumberColumn:
    places = PLACES[fact.kind]
    numbers, odd = np.zeros(total, np.int64), {}
    try:
        numbers[at] = np.fromiter(_scaled(values, places), np.int64, len(values))
        if numbers.max(initial=0) > MOST:
            raise OverflowError
    except (DecimalException, OverflowError, TypeError, ValueError):
        for row, value in zip(at.tolist(), values, strict=True):
            whole = _whole(fact, value, places)
            if whole is None:
                odd[row] = value
            else:
                numbers[row] = whole
    return NumberColumn(known, narrowed(numbers), places, odd)


def _scaled(values: list[Any], places: int) -> Iterable[int]:
    """Whole numbers of 10 ** -places, all in C for speed; raises where a value is finer than that."""
    if places == 0:
        return map(_index, values)
    return map(int, map(_EXACT.to_integral_exact, map(_EXACT.multiply, values, repeat(Decimal(10**places)))))


_index: Callable[[Any], int] = int.__index__


def _whole(fact: Fact, value: Any, places: int) -> int | None:
    """The value as a whole number of 10 ** -places; None where that is not exact or does not fit the array."""
    try:
        exact = Fraction(value) * 10**places
    except (TypeError, ValueError, OverflowError) as fault:
        raise ValueError(f"the answer to {fact.name} is not a number") from fault
    return int(exact) if exact.denominator == 1 and abs(exact) <= MOST else None


def narrowed(numbers: Array) -> Array:
    """The same numbers in the smallest array of 32 or 64 bits: half the bytes is half the time of a test."""
    if len(numbers) and int(numbers.min()) > -(2**31) and int(numbers.max()) < 2**31 - 1:
        return numbers.astype(np.int32)
    return numbers


def _choices(known: Words, at: Array, values: list[Any], total: int) -> ChoiceColumn:
    found = _Codes()
    codes = np.fromiter(map(found.__getitem__, values), np.int64, len(values)) + 1
    column = np.zeros(total, code_type(len(found)))
    column[at] = codes
    return ChoiceColumn(known, column, tuple(found))


def code_type(keys: int) -> Any:
    """The smallest type for the numbers of so many keys."""
    return np.uint8 if keys < 2**8 else np.uint16 if keys < 2**16 else np.uint32


def _sets(known: Words, at: Array, values: list[Any], total: int) -> SetColumn:
    found, sets = _Codes(), _Codes()
    codes = np.fromiter(map(sets.__getitem__, values), np.int64, len(values))
    pairs = [(code, found[key]) for held, code in sets.items() for key in sorted(held)]
    holds = np.zeros((len(found), len(sets)), np.bool_)
    for code, key in pairs:
        holds[key, code] = True
    members = [_bits(at[line[codes]], total) for line in holds]
    return SetColumn(known, tuple(found), np.array(members, np.uint64).reshape(len(found), words_for(total)))


def _certificates(known: Words, rows: list[int], values: list[Any]) -> CertificateColumn:
    kinds = _Codes()
    entries = [
        (row, kinds[one.kind], _ordinal(one.issued), _ordinal(one.expires))
        for row, held in zip(rows, values, strict=True)
        for one in sorted(held, key=Certificate.order)
    ]
    table = np.array(entries, np.int64).reshape(-1, 4)
    row, kind, issued, expires = (np.ascontiguousarray(table[:, at]) for at in range(4))
    return CertificateColumn(
        known, tuple(kinds), row, kind.astype(np.int32), issued.astype(np.int32), expires.astype(np.int32)
    )


def _ordinal(day: date | None) -> int:
    return 0 if day is None else day.toordinal()

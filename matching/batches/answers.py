"""Cells to columns of answers: the same meaning as reading each cell by itself, read once per distinct text."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import ceil, floor
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from companies.facts import UNKNOWN, Fact, Kind, Text, ValueFault, Vocabulary, read_value
from matching.batches.certificate_cells import CertificateReader
from matching.batches.list_cells import ListReader
from matching.batches.numerals import read_plain_numbers
from matching.engine.plan.bits import pack
from matching.engine.plan.building import code_type, narrowed
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

MOST_REMEMBERED = 200_000
"""Distinct texts of one fact whose value is remembered between chunks."""
_READERS: dict[Kind, Callable[[Fact], CertificateReader | ListReader]] = {
    Kind.CERTIFICATES: CertificateReader, Kind.MANY: ListReader,
}  # fmt: skip
_NUMBERS = (Kind.WHOLE, Kind.MONEY, Kind.NUMBER, Kind.RATIO)


@dataclass(frozen=True, slots=True)
class CellFault:
    """An answer that cannot be read: in which row of the chunk, of which fact, what stood there, and why."""

    row: int
    fact: Fact
    value: Any
    code: str
    message: Text


class AnswerReader:
    """Reads cells of one vocabulary; remembers what texts meant, so that the next chunk need not read them again."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._memory: dict[str, dict[Any, Any]] = {}
        self._lists: dict[str, CertificateReader | ListReader] = {}

    def columns(self, cells: dict[str, Any], rows: int) -> tuple[Columns, list[CellFault]]:
        """The answers in these cells (by fact name, each an Arrow array or a list), and those that cannot be read."""
        by_fact: dict[str, Column] = {}
        faults: list[CellFault] = []
        for name, given in cells.items():
            fact = self.vocabulary.get(name)
            assert fact is not None, name
            column = self._column(fact, given, faults)
            if column is not None:
                by_fact[name] = column
        return Columns(self.vocabulary, rows, by_fact), faults

    def _column(self, fact: Fact, given: Any, faults: list[CellFault]) -> Column | None:
        if fact.kind in _NUMBERS:
            return self._numbers(fact, given, faults)
        codes, texts = _distinct(given)
        values = [self._read(fact, raw) for raw in texts]
        _note_faults(fact, codes, texts, values, faults)
        known_of = np.array([not isinstance(value, _Nothing) for value in values] or [False], bool)
        known = known_of[codes]
        if not known.any():
            return None
        match fact.kind:
            case Kind.YES_NO:
                yes_of = np.array([value is True for value in values], bool)
                return YesNoColumn(pack(known), pack(yes_of[codes]))
            case Kind.DAY:
                days_of = np.array([value.toordinal() if isinstance(value, date) else 0 for value in values], np.int32)
                return DayColumn(pack(known), days_of[codes], 0)
            case Kind.ONE:
                return _choices(known, codes, values)
            case Kind.MANY:
                return _sets(known, codes, values)
        return _certificates(known, codes, values)

    def _read(self, fact: Fact, raw: Any) -> Any:
        """The value, or a _Nothing for what is not known or cannot be read."""
        memory = self._memory.setdefault(fact.name, {})
        key = (type(raw), raw) if raw.__hash__ is not None and not isinstance(raw, str) else raw
        try:
            return memory[key]
        except KeyError:
            if len(memory) >= MOST_REMEMBERED:
                memory.clear()
            found = memory[key] = self._find(fact, raw)
            return found
        except TypeError:  # a list or an object in JSON
            return self._find(fact, raw)

    def _find(self, fact: Fact, raw: Any) -> Any:
        try:
            if isinstance(raw, str) and fact.kind in _READERS:
                if fact.name not in self._lists:
                    self._lists[fact.name] = _READERS[fact.kind](fact)
                value = self._lists[fact.name].read(raw)
            else:
                value = read_value(fact, raw)
        except ValueFault as fault:
            return _Nothing(fault.code, fault.message)
        return _NOT_KNOWN if value is UNKNOWN else value

    def _numbers(self, fact: Fact, given: Any, faults: list[CellFault]) -> Column | None:
        places = PLACES[fact.kind]
        numbers, known = read_plain_numbers(_as_array(given), places, *_scaled_bounds(fact, places))
        left = np.flatnonzero(~known)
        given = given.take(pa.array(left)) if isinstance(given, pa.Array) else [given[row] for row in left.tolist()]
        odd: dict[int, Decimal | int] = {}
        if len(left):
            codes, texts = _distinct(given)
            values = [self._read(fact, raw) for raw in texts]
            _note_faults(fact, codes, texts, values, faults, left)
            small = np.zeros(max(len(values), 1), np.int64)
            is_known = np.zeros(max(len(values), 1), bool)
            for at, value in enumerate(values):
                if isinstance(value, _Nothing):
                    continue
                is_known[at] = True
                whole = int(value) if isinstance(value, int) else int(value.scaleb(places))
                if abs(whole) < 2**63:
                    small[at] = whole
                else:
                    odd |= dict.fromkeys(left[codes == at].tolist(), value)
            numbers[left], known[left] = small[codes], is_known[codes]
        if not known.any():
            return None
        return NumberColumn(pack(known), narrowed(numbers), places, odd)


def _as_array(given: Any) -> Any:
    """JSON values as texts, where the text means the same number."""
    if isinstance(given, pa.Array):
        return given
    return pa.array([_as_text(raw) for raw in given], pa.string())


def _as_text(raw: Any) -> str | None:
    if isinstance(raw, str):
        return raw if len(raw) < 30 and raw.isascii() else None
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int):
        return str(raw) if raw.bit_length() <= 63 else None
    return str(raw) if isinstance(raw, Decimal) else None


class _Nothing:
    """No value: not known, or, with a message, not readable."""

    __slots__ = ("code", "message")

    def __init__(self, code: str = "", message: Text | None = None) -> None:
        self.code = code
        self.message = message


_NOT_KNOWN = _Nothing()


def _distinct(given: Any) -> tuple[NDArray[np.int64], list[Any]]:
    """A number for each cell, and the distinct cells that these numbers mean; what is not there is None."""
    if isinstance(given, pa.Array) and not pa.types.is_nested(given.type):
        encoded = given if pa.types.is_dictionary(given.type) else given.dictionary_encode("encode")
        return np.asarray(encoded.indices).astype(np.int64, copy=False), encoded.dictionary.to_pylist()
    cells = given.to_pylist() if isinstance(given, pa.Array) else given
    seen: dict[Any, int] = {}
    distinct: list[Any] = []
    codes = np.empty(len(cells), np.int64)
    for at, raw in enumerate(cells):
        plain = isinstance(raw, str | int | float | date | None) or (isinstance(raw, Decimal) and raw.is_finite())
        key = (type(raw), raw) if plain else (id, at)
        code = seen.get(key)
        if code is None:
            code = seen[key] = len(distinct)
            distinct.append(raw)
        codes[at] = code
    return codes, distinct


def _note_faults(
    fact: Fact,
    codes: NDArray[np.int64],
    texts: Sequence[Any],
    values: Iterable[Any],
    faults: list[CellFault],
    rows: NDArray[np.int64] | None = None,
) -> None:
    for at, value in enumerate(values):
        if isinstance(value, _Nothing) and value.message is not None:
            found = np.flatnonzero(codes == at)
            places = found if rows is None else rows[found]
            faults += [CellFault(row, fact, texts[at], value.code, value.message) for row in places.tolist()]


def _scaled_bounds(fact: Fact, places: int) -> tuple[int | None, int | None]:
    low, high = fact.minimum, fact.maximum
    scale: Callable[[Any], Decimal] = Decimal(10**places).__mul__
    return (
        None if low is None or isinstance(low, date) else ceil(scale(low)),
        None if high is None or isinstance(high, date) else floor(scale(high)),
    )


def _choices(known: NDArray[np.bool_], codes: NDArray[np.int64], values: list[Any]) -> ChoiceColumn:
    keys = list(dict.fromkeys(value for value in values if not isinstance(value, _Nothing)))
    number = {key: at for at, key in enumerate(keys, start=1)}
    code_of = np.array([number.get(value, 0) if isinstance(value, str) else 0 for value in values])
    return ChoiceColumn(pack(known), code_of.astype(code_type(len(keys)))[codes], tuple(keys))


def _sets(known: NDArray[np.bool_], codes: NDArray[np.int64], values: list[Any]) -> SetColumn:
    sets = [frozenset() if isinstance(value, _Nothing) else value for value in values]
    keys = sorted(frozenset().union(*sets))
    holds = np.zeros((len(keys), len(values)), bool)
    number = {key: at for at, key in enumerate(keys)}
    for at, held in enumerate(sets):
        for key in held:
            holds[number[key], at] = True
    words = -(-len(codes) // 64)
    members = np.array([pack(line[codes]) for line in holds], np.uint64).reshape(len(keys), words)
    return SetColumn(pack(known), tuple(keys), members)


def _certificates(known: NDArray[np.bool_], codes: NDArray[np.int64], values: list[Any]) -> CertificateColumn:
    kinds: dict[str, int] = {}
    entries: list[tuple[int, int, int]] = []
    first, count = np.zeros(len(values), np.int64), np.zeros(len(values), np.int64)
    for at, value in enumerate(values):
        first[at] = len(entries)
        if not isinstance(value, _Nothing):
            entries += [
                (kinds.setdefault(one.kind, len(kinds)), _ordinal(one.issued), _ordinal(one.expires)) for one in value
            ]
        count[at] = len(entries) - first[at]
    table = np.array(entries, np.int32).reshape(-1, 3)
    lengths = count[codes]
    ends = np.cumsum(lengths)
    places = np.repeat(first[codes] - (ends - lengths), lengths) + np.arange(ends[-1] if len(ends) else 0)
    kind, issued, expires = (np.ascontiguousarray(table[places, part]) for part in range(3))
    rows = np.repeat(np.arange(len(codes)), lengths)
    return CertificateColumn(pack(known), tuple(kinds), rows, kind, issued, expires)


def _ordinal(day: date | None) -> int:
    return 0 if day is None else day.toordinal()

"""Many companies as columns: one typed array and one row of "known" bits for each asked fact that occurs."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from companies.facts import Answer, Certificate, Kind, Profile, Vocabulary
from matching.engine.plan.bits import Array, Words, pack, unpack, words_for

# A value is stored as a whole number of these: fen for money, millionths for other numbers.
PLACES = {Kind.WHOLE: 0, Kind.MONEY: 2, Kind.NUMBER: 6, Kind.RATIO: 6, Kind.DAY: 0}


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """What is known of one fact; a company without its bit in `known` has not answered."""

    known: Words


@dataclass(frozen=True, slots=True, eq=False)
class YesNoColumn(Column):
    """Answers of yes as bits, 0 where nothing is known."""

    yes: Words


@dataclass(frozen=True, slots=True, eq=False)
class NumberColumn(Column):
    """Whole numbers of 10 ** -places; 0 where nothing is known.

    `odd` has the exact values, by company, that are too large or too fine for the array; it has 0 there.
    """

    values: Array
    places: int
    odd: Mapping[int, Decimal | Fraction | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class DayColumn(NumberColumn):
    """Days as their ordinals."""


@dataclass(frozen=True, slots=True, eq=False)
class ChoiceColumn(Column):
    """One choice each: 0 where nothing is known, else one more than the place of its key in `keys`."""

    codes: Array
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class SetColumn(Column):
    """Sets of choices: a row of bits for each key, 0 where nothing is known. An empty set is known and in no row."""

    keys: tuple[str, ...]
    members: Words


@dataclass(frozen=True, slots=True, eq=False)
class CertificateColumn(Column):
    """Certificates as entries in the order of their companies; days are ordinals, 0 where not known."""

    kinds: tuple[str, ...]
    rows: npt.NDArray[np.int64]
    kind: npt.NDArray[np.int32]
    issued: npt.NDArray[np.int32]
    expires: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """All companies; `by_fact` has only facts that at least one company has answered."""

    vocabulary: Vocabulary
    rows: int
    by_fact: Mapping[str, Column]

    def get(self, name: str) -> Column | None:
        """The column of a fact; None where no company has answered it."""
        return self.by_fact.get(name)

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(part.nbytes for column in self.by_fact.values() for part in _arrays(column))

    def only(self, names: Iterable[str]) -> "Columns":
        """The same companies with no more than these facts."""
        kept = {name: self.by_fact[name] for name in names if name in self.by_fact}
        return Columns(self.vocabulary, self.rows, kept)

    def slice(self, start: int, stop: int) -> "Columns":
        """Companies from `start` up to, not including, `stop`; shares memory where `start` is a multiple of 64."""
        start, stop = max(start, 0), min(stop, self.rows)
        if (start, stop) == (0, self.rows):
            return self
        if start % 64:
            return self.take(np.arange(start, stop))
        return Columns(self.vocabulary, stop - start, _Slices(self.by_fact, start, stop))

    def take(self, rows: Array) -> "Columns":
        """The companies with these numbers, in this order."""
        wanted = np.asarray(rows, np.int64)
        parts = {name: _taken(one, wanted, self.rows) for name, one in self.by_fact.items()}
        return Columns(self.vocabulary, len(wanted), parts)

    def profile(self, row: int, names: "tuple[str, ...] | None" = None) -> Profile:
        """What is known of one company (of these facts), as a profile; sources and certificate numbers are not kept."""
        answers = {}
        for name in self.by_fact if names is None else names:
            column = self.by_fact.get(name)
            if column is not None and column.known[row >> 6] >> np.uint64(row & 63) & np.uint64(1):
                answers[name] = Answer(value_at(column, row))
        return Profile(answers)

    def save(self, path: Any) -> None:
        """Write an Arrow file, whole or not at all."""
        from matching.engine.plan.storing import save_columns

        save_columns(self, path)

    @staticmethod
    def load(path: Any, vocabulary: Vocabulary) -> "Columns":
        """The columns in a file; large arrays are mapped into memory, not read. Facts that are gone are left out."""
        from matching.engine.plan.storing import load_columns

        return load_columns(path, vocabulary)

    def patched(self, rows: Array, profiles: Iterable[Profile]) -> "Columns":
        """The columns with the companies at `rows` (each once) replaced by these profiles, one for one."""
        from matching.engine.plan.building import columns_of
        from matching.engine.plan.joining import patched_columns

        return patched_columns(self, np.asarray(rows, np.int64), columns_of(self.vocabulary, profiles))


class _Slices(Mapping[str, Column]):
    """Columns cut out when they are first asked for: most plans read few of them."""

    def __init__(self, whole: Mapping[str, Column], start: int, stop: int) -> None:
        self._whole, self._start, self._stop = whole, start, stop
        self._cut: dict[str, Column] = {}

    def __getitem__(self, name: str) -> Column:
        found = self._cut.get(name)
        if found is None:
            found = self._cut[name] = _sliced(self._whole[name], self._start, self._stop)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole)

    def __len__(self) -> int:
        return len(self._whole)


def value_at(column: Column, row: int) -> Any:
    """The value of a company that has answered."""
    bit = np.uint64(row & 63)
    match column:
        case YesNoColumn(yes=yes):
            return bool(yes[row >> 6] >> bit & np.uint64(1))
        case DayColumn(values=values):
            return date.fromordinal(int(values[row]))
        case NumberColumn(values=values, places=places, odd=odd):
            if row in odd:
                return odd[row]
            whole = int(values[row])
            return whole if places == 0 else Decimal(whole).scaleb(-places)
        case ChoiceColumn(codes=codes, keys=keys):
            return keys[int(codes[row]) - 1]
        case SetColumn(keys=keys, members=members):
            held = members[:, row >> 6] >> bit & np.uint64(1)
            return frozenset(keys[at] for at in np.flatnonzero(held))
        case CertificateColumn():
            first, last = np.searchsorted(column.rows, [row, row + 1])
            return frozenset(_certificate(column, at) for at in range(first, last))
    raise TypeError(column)


def _certificate(column: CertificateColumn, at: int) -> Certificate:
    issued, expires = int(column.issued[at]), int(column.expires[at])
    return Certificate(
        column.kinds[int(column.kind[at])],
        date.fromordinal(issued) if issued else None,
        date.fromordinal(expires) if expires else None,
    )


def _arrays(column: Column) -> list[Array]:
    named = (getattr(column, name) for cls in type(column).__mro__ for name in getattr(cls, "__slots__", ()))
    return [part for part in named if isinstance(part, np.ndarray)]


def _sliced(column: Column, start: int, stop: int) -> Column:
    first, last = start // 64, words_for(stop)

    def words(bits: Words) -> Words:
        part = bits[..., first:last]
        if stop % 64 and last - first:
            part = part.copy()
            part[..., -1] &= np.uint64((1 << stop % 64) - 1)
        return part

    return _mapped(column, words, lambda values: values[start:stop], _entries_between(start, stop), start, stop)


def _taken(column: Column, wanted: npt.NDArray[np.int64], rows: int) -> Column:
    def words(bits: Words) -> Words:
        if bits.ndim == 1:
            return pack(unpack(bits, rows)[wanted])
        return np.array([words(line) for line in bits], np.uint64).reshape(len(bits), words_for(len(wanted)))

    def entries(column: CertificateColumn) -> tuple[Array, Array]:
        first = np.searchsorted(column.rows, wanted)
        lengths = np.searchsorted(column.rows, wanted, side="right") - first
        at = np.repeat(first - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths) + np.arange(lengths.sum())
        return at.astype(np.int64), np.repeat(np.arange(len(wanted)), lengths)

    taken = _mapped(column, words, lambda values: values[wanted], entries, 0, 0)
    if isinstance(column, NumberColumn) and isinstance(taken, NumberColumn):
        odd = {at: column.odd[row] for at, row in enumerate(wanted.tolist()) if row in column.odd} if column.odd else {}
        return replace(taken, odd=odd)
    return taken


def _entries_between(start: int, stop: int) -> "Callable[[CertificateColumn], tuple[Any, Array]]":
    def entries(column: CertificateColumn) -> tuple[Any, Array]:
        first, last = np.searchsorted(column.rows, [start, stop])
        return slice(int(first), int(last)), column.rows[first:last] - start

    return entries


def _mapped(
    column: Column,
    words: Callable[[Words], Words],
    values: Callable[[Array], Array],
    entries: "Callable[[CertificateColumn], tuple[Any, Array]]",
    start: int,
    stop: int,
) -> Column:
    known = words(column.known)
    match column:
        case YesNoColumn():
            return YesNoColumn(known, words(column.yes))
        case NumberColumn():
            odd = {row - start: value for row, value in column.odd.items() if start <= row < stop} if column.odd else {}
            return replace(column, known=known, values=values(column.values), odd=odd)
        case ChoiceColumn():
            return ChoiceColumn(known, values(column.codes), column.keys)
        case SetColumn():
            return SetColumn(known, column.keys, words(column.members))
        case CertificateColumn():
            at, rows = entries(column)
            return CertificateColumn(known, column.kinds, rows, column.kind[at], column.issued[at], column.expires[at])
    raise TypeError(column)

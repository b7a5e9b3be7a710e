"""Putting columns together: one set of companies after another, or some companies replaced."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from companies.facts import Vocabulary
from matching.engine.plan.bits import Array, Flags, Words, every_row, no_row, unpack, words_for
from matching.engine.plan.columns import (
    CertificateColumn,
    ChoiceColumn,
    Column,
    Columns,
    DayColumn,
    NumberColumn,
    SetColumn,
    YesNoColumn,
)


def joined_columns(vocabulary: Vocabulary, parts: Sequence[Columns]) -> Columns:
    """All companies of the parts, in order; every part but the last has a multiple of 64 companies."""
    if len(parts) == 1:
        return parts[0]
    names = dict.fromkeys(name for part in parts for name in part.by_fact)
    sizes = [part.rows for part in parts]
    by_fact = {name: _joined([part.get(name) for part in parts], sizes) for name in names}
    return Columns(vocabulary, sum(sizes), by_fact)


def joined_with_gaps(vocabulary: Vocabulary, parts: Sequence[Columns]) -> tuple[Columns, Words]:
    """All companies of the parts, whatever their sizes: after each part rows of nobody up to the next multiple of 64.

    The words say which rows are companies.
    """
    filled = [_filled_up(part) for part in parts]
    everybody = np.concatenate([every_row(part.rows) for part in parts]) if parts else no_row(0)
    return joined_columns(vocabulary, filled) if filled else Columns(vocabulary, 0, {}), everybody


def _filled_up(part: Columns) -> Columns:
    rows = words_for(part.rows) * 64
    if rows == part.rows:
        return part

    def filled(column: Column) -> Column:
        match column:
            case NumberColumn():
                return replace(column, values=np.pad(column.values, (0, rows - part.rows)))
            case ChoiceColumn():
                return replace(column, codes=np.pad(column.codes, (0, rows - part.rows)))
        return column  # words of bits are whole, and entries name their company

    return Columns(part.vocabulary, rows, {name: filled(column) for name, column in part.by_fact.items()})


def _joined(parts: "Sequence[Column | None]", sizes: list[int]) -> Column:
    some = next(part for part in parts if part is not None)
    full = [_empty(some, size) if part is None else part for part, size in zip(parts, sizes, strict=True)]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).tolist()
    known = np.concatenate([part.known for part in full])
    match some:
        case YesNoColumn():
            return YesNoColumn(known, np.concatenate([part.yes for part in full]))  # type: ignore[attr-defined]
        case NumberColumn():
            values = np.concatenate([part.values for part in full])  # type: ignore[attr-defined]
            if isinstance(some, DayColumn):
                return DayColumn(known, values, 0)
            odd = {
                start + row: value
                for part, start in zip(full, starts, strict=True)
                for row, value in part.odd.items()  # type: ignore[attr-defined]
            }
            return NumberColumn(known, values, some.places, odd)
        case ChoiceColumn():
            keys = _all_keys([part.keys for part in full])  # type: ignore[attr-defined]
            return ChoiceColumn(known, np.concatenate([_recoded(part, keys) for part in full]), keys)
        case SetColumn():
            keys = _all_keys([part.keys for part in full])  # type: ignore[attr-defined]
            return SetColumn(known, keys, np.concatenate([_members(part, keys) for part in full], axis=1))
        case CertificateColumn():
            return _joined_certificates(known, full, starts)
    raise TypeError(some)


def _empty(like: Column, rows: int) -> Column:
    nothing = no_row(rows)
    match like:
        case YesNoColumn():
            return YesNoColumn(nothing, nothing)
        case DayColumn():
            return DayColumn(nothing, np.zeros(rows, np.int32), 0)
        case NumberColumn():
            return NumberColumn(nothing, np.zeros(rows, np.int32), like.places)
        case ChoiceColumn():
            return ChoiceColumn(nothing, np.zeros(rows, np.uint8), ())
        case SetColumn():
            return SetColumn(nothing, (), np.zeros((0, len(nothing)), np.uint64))
    none = np.zeros(0, np.int32)
    return CertificateColumn(nothing, (), np.zeros(0, np.int64), none, none, none)


def _all_keys(lists: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for keys in lists for key in keys))


def _recoded(column: Any, keys: tuple[str, ...]) -> Array:
    from matching.engine.plan.building import code_type

    place = {key: at + 1 for at, key in enumerate(keys)}
    codes: Array = np.array([0, *(place[key] for key in column.keys)], code_type(len(keys)))
    return codes[column.codes]


def _members(column: Any, keys: tuple[str, ...]) -> Words:
    place = {key: at for at, key in enumerate(column.keys)}
    nothing = np.zeros(column.members.shape[1], np.uint64)
    lines = [column.members[place[key]] if key in place else nothing for key in keys]
    return np.array(lines, np.uint64).reshape(len(keys), len(nothing))


def _joined_certificates(known: Words, parts: Sequence[Any], starts: list[int]) -> CertificateColumn:
    kinds = _all_keys([part.kinds for part in parts])
    place = {kind: at for at, kind in enumerate(kinds)}
    moved = [np.array([place[kind] for kind in part.kinds], np.int32)[part.kind] for part in parts]
    rows = np.concatenate([part.rows + start for part, start in zip(parts, starts, strict=True)])
    return CertificateColumn(
        known, kinds, rows, np.concatenate(moved),
        np.concatenate([part.issued for part in parts]), np.concatenate([part.expires for part in parts]),
    )  # fmt: skip


def patched_columns(old: Columns, rows: npt.NDArray[np.int64], newer: Columns) -> Columns:
    """The old columns with the companies at `rows` replaced; a number that is no company raises ValueError."""
    if len(rows) != newer.rows or len(np.unique(rows)) != len(rows):
        raise ValueError("each company to replace needs exactly one profile")
    if len(rows) and not 0 <= int(rows.min()) <= int(rows.max()) < old.rows:
        raise ValueError("there is no such company to replace")
    names = dict.fromkeys((*old.by_fact, *newer.by_fact))
    by_fact = {name: _patched(old.get(name), newer.get(name), rows, old.rows) for name in names}
    return Columns(old.vocabulary, old.rows, by_fact)


def _patched(old: Column | None, newer: Column | None, rows: npt.NDArray[np.int64], total: int) -> Column:
    some = newer if old is None else old
    assert some is not None
    old = _empty(some, total) if old is None else old
    new = _empty(some, len(rows)) if newer is None else newer

    def bits(before: Words, after: Words) -> Words:
        return with_bits(before, rows, unpack(after, len(rows)))

    def values(before: Array, after: Array) -> Array:
        result = before.astype(np.promote_types(before.dtype, after.dtype))
        result[rows] = after
        return result

    known = bits(old.known, new.known)
    match old, new:
        case YesNoColumn(), YesNoColumn():
            return YesNoColumn(known, bits(old.yes, new.yes))
        case DayColumn(), DayColumn():
            return DayColumn(known, values(old.values, new.values), 0)
        case NumberColumn(), NumberColumn():
            replaced = set(rows.tolist())
            odd = {row: value for row, value in old.odd.items() if row not in replaced}
            odd |= {int(rows[row]): value for row, value in new.odd.items()}
            return NumberColumn(known, values(old.values, new.values), old.places, odd)
        case ChoiceColumn(), ChoiceColumn():
            keys = _all_keys([old.keys, new.keys])
            return ChoiceColumn(known, values(_recoded(old, keys), _recoded(new, keys)), keys)
        case SetColumn(), SetColumn():
            keys = _all_keys([old.keys, new.keys])
            before, after = _members(old, keys), _members(new, keys)
            lines = [bits(one, other) for one, other in zip(before, after, strict=True)]
            return SetColumn(known, keys, np.array(lines, np.uint64).reshape(len(keys), words_for(total)))
        case CertificateColumn(), CertificateColumn():
            return _patched_certificates(known, old, new, rows)
    raise TypeError(old, new)


def with_bits(words: Words, rows: npt.NDArray[np.int64], flags: Flags) -> Words:
    """A copy of the words with the bits at `rows` set as in `flags`."""
    result = words.copy()
    word, bit = rows >> 6, np.uint64(1) << (rows & 63).astype(np.uint64)
    np.bitwise_and.at(result, word, ~bit)
    np.bitwise_or.at(result, word[flags], bit[flags])
    return result


def _patched_certificates(
    known: Words, old: CertificateColumn, new: CertificateColumn, rows: npt.NDArray[np.int64]
) -> CertificateColumn:
    kept = ~np.isin(old.rows, rows)
    parts = _joined_certificates(
        known,
        [
            CertificateColumn(known, old.kinds, old.rows[kept], old.kind[kept], old.issued[kept], old.expires[kept]),
            CertificateColumn(known, new.kinds, rows[new.rows], new.kind, new.issued, new.expires),
        ],
        [0, 0],
    )
    order = np.argsort(parts.rows, kind="stable")
    return CertificateColumn(
        known, parts.kinds, parts.rows[order], parts.kind[order], parts.issued[order], parts.expires[order]
    )

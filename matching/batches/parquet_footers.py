"""Row groups of several Parquet files as one file, without reading them: their bytes one after another, one footer.

That is what makes a Parquet result resumable: each chunk is appended when it is done, as in a text file. A footer is a
structure in Thrift's compact encoding; only the offsets in it change.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

MAGIC = b"PAR1"

_TRUE, _FALSE, _BYTE, _SHORT, _INT, _LONG, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)

# Numbers of the fields in parquet.thrift.
_ROWS, _ROW_GROUPS = 3, 4
_GROUP_COLUMNS, _GROUP_OFFSET, _GROUP_ORDINAL = 1, 5, 7
_CHUNK_OFFSET, _CHUNK_META, _CHUNK_OFFSET_INDEX, _CHUNK_COLUMN_INDEX = 2, 3, 4, 6
_META_OFFSETS = (9, 10, 11, 14)

Struct = dict[int, tuple[int, Any]]
"""Field number to type and value."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A Parquet file taken apart: the bytes of its row groups, and its footer."""

    body: bytes
    footer: bytes


def take_apart(whole: bytes) -> Parts:
    """The row groups of a small Parquet file, and its footer."""
    size = int.from_bytes(whole[-8:-4], "little")
    return Parts(whole[len(MAGIC) : -8 - size], whole[-8 - size : -8])


def whole_file(body: bytes, footer: bytes) -> bytes:
    """The small Parquet file that `take_apart` took apart."""
    return MAGIC + body + footer + len(footer).to_bytes(4, "little") + MAGIC


def joined_footer(footers: Iterable[tuple[int, bytes]]) -> bytes:
    """The end of a file whose row groups stand at these offsets, in this order: one footer, its length, the magic."""
    first: Struct | None = None
    rows = 0
    groups: list[Struct] = []
    for offset, footer in footers:
        parts = _Reader(footer).struct()
        rows += parts[_ROWS][1]
        for group in parts[_ROW_GROUPS][1][1]:
            _move(group, offset - len(MAGIC), len(groups))
            groups.append(group)
        first = first or parts
    if first is None:
        raise ValueError("a Parquet file needs at least one footer to copy its schema from")
    first[_ROWS] = (_LONG, rows)
    first[_ROW_GROUPS] = (_LIST, (_STRUCT, groups))
    written = bytearray()
    _write_struct(written, first)
    return bytes(written) + len(written).to_bytes(4, "little") + MAGIC


def _move(group: Struct, by: int, ordinal: int) -> None:
    for column in group[_GROUP_COLUMNS][1][1]:
        _shift(column, (_CHUNK_OFFSET_INDEX, _CHUNK_COLUMN_INDEX), by)
        if column.get(_CHUNK_OFFSET, (0, 0))[1]:  # 0 says: look at the pages' own offsets
            _shift(column, (_CHUNK_OFFSET,), by)
        _shift(column[_CHUNK_META][1], _META_OFFSETS, by)
    _shift(group, (_GROUP_OFFSET,), by)
    if _GROUP_ORDINAL in group:
        if ordinal < 2**15:
            group[_GROUP_ORDINAL] = (_SHORT, ordinal)
        else:
            del group[_GROUP_ORDINAL]  # the field is optional, and has only two bytes


def _shift(struct: Struct, fields: Iterable[int], by: int) -> None:
    for field in fields:
        if field in struct:
            kind, value = struct[field]
            struct[field] = (kind, value + by)


class _Reader:
    def __init__(self, written: bytes) -> None:
        self.written = written
        self.at = 0

    def byte(self) -> int:
        self.at += 1
        return self.written[self.at - 1]

    def take(self, length: int) -> bytes:
        self.at += length
        return self.written[self.at - length : self.at]

    def whole(self) -> int:
        value, shift = 0, 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def signed(self) -> int:
        value = self.whole()
        return value >> 1 ^ -(value & 1)

    def struct(self) -> Struct:
        found: Struct = {}
        number = 0
        while head := self.byte():
            number = number + (head >> 4) if head >> 4 else self.signed()
            kind = head & 15
            found[number] = (kind, kind == _TRUE if kind in (_TRUE, _FALSE) else self.value(kind))
        return found

    def value(self, kind: int) -> Any:
        match kind:
            case 1 | 2:
                return self.byte() == _TRUE
            case 3:
                return self.byte()
            case 4 | 5 | 6:
                return self.signed()
            case 7:
                return self.take(8)
            case 8:
                return self.take(self.whole())
            case 9 | 10:
                head = self.byte()
                size = head >> 4 if head >> 4 < 15 else self.whole()
                return head & 15, [self.value(head & 15) for _ in range(size)]
            case 11:
                size = self.whole()
                kinds = self.byte() if size else 0
                return kinds, [(self.value(kinds >> 4), self.value(kinds & 15)) for _ in range(size)]
            case 12:
                return self.struct()
        raise ValueError(f"not a type of Thrift's compact encoding: {kind}")


def _write_whole(out: bytearray, value: int) -> None:
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def _write_signed(out: bytearray, value: int) -> None:
    _write_whole(out, value << 1 if value >= 0 else (-value << 1) - 1)


def _write_struct(out: bytearray, struct: Struct) -> None:
    before = 0
    for number in sorted(struct):
        kind, value = struct[number]
        if kind in (_TRUE, _FALSE):
            kind = _TRUE if value else _FALSE
        if 0 < number - before < 16:
            out.append((number - before) << 4 | kind)
        else:
            out.append(kind)
            _write_signed(out, number)
        before = number
        if kind not in (_TRUE, _FALSE):
            _write_value(out, kind, value)
    out.append(0)


def _write_value(out: bytearray, kind: int, value: Any) -> None:
    match kind:
        case 1 | 2:
            out.append(_TRUE if value else _FALSE)
        case 3:
            out.append(value)
        case 4 | 5 | 6:
            _write_signed(out, value)
        case 7:
            out += value
        case 8:
            _write_whole(out, len(value))
            out += value
        case 9 | 10:
            of, items = value
            if len(items) < 15:
                out.append(len(items) << 4 | of)
            else:
                out.append(0xF0 | of)
                _write_whole(out, len(items))
            for item in items:
                _write_value(out, of, item)
        case 11:
            kinds, pairs = value
            _write_whole(out, len(pairs))
            if pairs:
                out.append(kinds)
            for key, item in pairs:
                _write_value(out, kinds >> 4, key)
                _write_value(out, kinds & 15, item)
        case 12:
            _write_struct(out, value)

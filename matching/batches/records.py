"""Records of a text file, in chunks that are cut at the same places however often the reading was interrupted."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from companies.facts import Text
from matching.batches.faults import BatchFault, RowFault
from matching.batches.files import LONGEST_LINE, InputFile, line_too_long

WINDOW = 16 << 20
"""Bytes looked at for one chunk; a chunk ends at its last whole record or at the wanted number of records."""
SMALL_WINDOW = 4 << 20
"""The same where few records are wanted: what is looked at and not taken is looked at again."""
FEW = 4_096

_LONE_RETURN = re.compile(rb"\r(?!\n)")
_QUOTE, _NEWLINE, _RETURN = 0x22, 0x0A, 0x0D


@dataclass(frozen=True, slots=True)
class Records:
    """Some records as UTF-8, one after another; `offset` and `line` say where in the file the next one begins."""

    text: bytes
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    lines: NDArray[np.int64]
    faults: tuple[RowFault, ...]
    offset: int
    line: int

    def __len__(self) -> int:
        return len(self.starts)

    def record(self, at: int) -> bytes:
        """One record with its line end."""
        return self.text[self.starts[at] : self.ends[at]]

    def only(self, keep: NDArray[np.bool_], faults: tuple[RowFault, ...] = ()) -> "Records":
        """The records to keep, and further faults."""
        if keep.all():
            return self
        starts, ends = self.starts[keep], self.ends[keep]
        text = b"".join(self.text[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True))
        lengths = ends - starts
        new_ends = np.cumsum(lengths)
        return Records(
            text, new_ends - lengths, new_ends, self.lines[keep], (*self.faults, *faults), self.offset, self.line
        )


def read_records(
    file: InputFile, opened: BinaryIO, offset: int, line: int, most: int, delimiter: str | None = None
) -> Iterator[Records]:
    """The records from this offset on, at most so many at a time; with a delimiter, quoted fields may hold line ends.

    Blank records are left out. Memory stays within a few windows whatever the file holds.
    """
    opened.seek(offset)
    buffer, window = b"", WINDOW if most > FEW else SMALL_WINDOW
    while True:
        buffer += opened.read(window - len(buffer))
        if not buffer:
            return
        final = len(buffer) < window
        raw = buffer if final else buffer[: _last_newline(file, buffer, line)]
        records, used = _cut(file, raw, offset, line, most, delimiter, final)
        buffer, offset, line = buffer[used:], records.offset, records.line
        yield records


def _newlines(file: InputFile, raw: bytes) -> NDArray[np.int64]:
    """Where each line of the raw bytes ends (the first byte after it)."""
    if not file.encoding.startswith("utf-16"):
        return np.flatnonzero(np.frombuffer(raw, np.uint8) == _NEWLINE) + 1
    # In GB18030 and UTF-8 the byte of a line end is never part of another sign; in UTF-16 it can be.
    units = np.frombuffer(raw[: len(raw) // 2 * 2], "<u2" if file.encoding.endswith("le") else ">u2")
    return (np.flatnonzero(units == _NEWLINE) + 1) * 2


def _last_newline(file: InputFile, buffer: bytes, line: int) -> int:
    if file.encoding.startswith("utf-16"):
        ends = _newlines(file, buffer)
        last = int(ends[-1]) if len(ends) else 0
    else:
        last = buffer.rfind(b"\n") + 1
    if not last:
        raise line_too_long(file.path, line)
    return last


def _cut(
    file: InputFile, raw: bytes, offset: int, line: int, most: int, delimiter: str | None, final: bool
) -> tuple[Records, int]:
    text, broken = _decoded(file, raw)
    signs = np.frombuffer(text, np.uint8)
    newlines = np.flatnonzero(signs == _NEWLINE) + 1
    ends, last_quote = newlines, None
    if delimiter is not None and b'"' in text:
        quotes = _turning_quotes(text, signs, ord(delimiter))
        ends = newlines[np.searchsorted(quotes, newlines) % 2 == 0]
        last_quote = quotes[-1] if len(quotes) % 2 else None
    if final and last_quote is not None:
        raise _quote_not_closed(file, line + int(np.searchsorted(newlines, last_quote, side="right")))
    if final and (not len(ends) or ends[-1] < len(text)):
        ends = np.append(ends, len(text))
    ends = _first(ends, signs, most)
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]])
    lines = line + np.searchsorted(newlines, starts, side="right")
    too_long = np.flatnonzero(ends - starts > LONGEST_LINE)
    if not len(ends) or len(too_long):
        raise line_too_long(file.path, int(lines[too_long[0]]) if len(ends) else line)
    passed = int(np.searchsorted(newlines, ends[-1], side="right"))
    if ends[-1] == len(text):
        used = len(raw)
    else:
        used = int(ends[-1] if text is raw else _newlines(file, raw)[passed - 1])
    if b"\r" in text:
        text = _LONE_RETURN.sub(b" ", text)
    records = Records(text, starts, ends, lines, (), offset + used, line + passed)
    return _without_blank(_without_broken(records) if broken else records), used


def _decoded(file: InputFile, raw: bytes) -> tuple[bytes, bool]:
    """The bytes as UTF-8, and whether some of them do not fit the encoding."""
    if file.sound or (file.encoding == "utf-8" and raw.isascii()):
        return raw, False
    try:
        text = raw.decode(file.encoding)
        return (raw if file.encoding == "utf-8" else text.encode()), False
    except UnicodeError:
        how = "surrogatepass" if file.encoding.startswith("utf-16") else "surrogateescape"
        if file.encoding.startswith("utf-16") and len(raw) % 2:
            raw = raw[:-1]
        return raw.decode(file.encoding, how).encode("utf-8", "surrogatepass"), True


def _turning_quotes(text: bytes, signs: NDArray[np.uint8], delimiter: int) -> NDArray[np.int64]:
    """The quotation marks that open or close a field, in turn."""
    quotes = np.flatnonzero(signs == _QUOTE)
    before = np.where(quotes > 0, signs[quotes - 1], _NEWLINE)
    after = np.where(quotes + 1 < len(signs), signs[np.minimum(quotes + 1, len(signs) - 1)], _NEWLINE)
    opens_well = np.isin(before[0::2], (_QUOTE, _NEWLINE, delimiter)).all()
    if opens_well and np.isin(after[1::2], (_QUOTE, _NEWLINE, 0x0D, delimiter)).all():
        return quotes  # a doubled mark closes and opens again at once
    # A quotation mark in the middle of a field is an ordinary sign: pairs alone do not tell, so walk along.
    return np.array(_walk(text, quotes.tolist(), delimiter), np.int64)


def _walk(text: bytes, quotes: list[int], delimiter: int) -> list[int]:
    turning: list[int] = []
    is_open, skipped = False, -1
    for at in quotes:
        if at == skipped:
            continue
        if is_open:
            if text[at + 1 : at + 2] == b'"':
                skipped = at + 1
            else:
                is_open = False
                turning.append(at)
        elif at == 0 or text[at - 1] in (_NEWLINE, delimiter):
            is_open = True
            turning.append(at)
    return turning


def _quote_not_closed(file: InputFile, line: int) -> BatchFault:
    return BatchFault(
        Text(
            f"{file.path}:{line}: a quotation mark that opens in this row is never closed.",
            f"{file.path}:{line}：此行中有引号未闭合。",
        )
    )


def _blank(starts: NDArray[np.int64], ends: NDArray[np.int64], signs: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The places of the records that are nothing but a line end."""
    lengths = ends - starts
    short = np.flatnonzero(lengths <= 2)
    first = signs[starts[short]]
    alone, both = lengths[short] == 1, lengths[short] == 2
    second = signs[np.minimum(starts[short] + 1, len(signs) - 1)]
    return short[(alone & (first == _NEWLINE)) | (both & (first == _RETURN) & (second == _NEWLINE))]


def _first(ends: NDArray[np.int64], signs: NDArray[np.uint8], most: int) -> NDArray[np.int64]:
    """The ends of the first records up to so many that are not blank: blank ones cost no chunk of their own."""
    if not len(ends):
        return ends
    blank = _blank(np.concatenate([np.zeros(1, np.int64), ends[:-1]]), ends, signs)
    if not len(blank):
        return ends[:most]
    is_full = np.ones(len(ends), np.int32)
    is_full[blank] = 0
    return ends[: int(np.searchsorted(np.cumsum(is_full, dtype=np.int32), most)) + 1]


def _without_blank(records: Records) -> Records:
    keep = np.ones(len(records), bool)
    keep[_blank(records.starts, records.ends, np.frombuffer(records.text, np.uint8))] = False
    return records.only(keep)


def _without_broken(records: Records) -> Records:
    keep = np.ones(len(records), bool)
    faults = []
    for at in range(len(records)):
        try:
            records.record(at).decode()
        except UnicodeDecodeError:
            keep[at] = False
            message = Text("This row does not fit the file's encoding.", "此行不符合文件的编码。")
            faults.append(RowFault(int(records.lines[at]), "", "", "not_the_encoding", message))
    return records.only(keep, tuple(faults))

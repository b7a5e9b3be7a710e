"""One chunk from cells to the bytes of its result: the same whoever does it, so chunks can be done side by side."""

import io
from collections.abc import Iterable
from dataclasses import InitVar, dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from companies.facts import Text, ValueFault, Vocabulary, quoted, typed_text
from matching.batches.answers import AnswerReader
from matching.batches.faults import RowFault
from matching.batches.parquet_footers import take_apart
from matching.batches.results import Matcher, Shape
from matching.batches.rows import Rows
from matching.batches.writing import csv_bytes, csv_cell, harmless, ndjson_bytes, parquet_bytes
from matching.engine.plan import Columns
from policies.rules import OfferText

LONGEST_NAME = 200
"""Characters that a company's number or name may have."""
_WrongIdentity = tuple[int, str, str, ValueFault]
"""Row, which part, what stood there, why it cannot be that."""
_IDENTITY_WORDS = {"id": Text("id", "编号"), "uscc": Text("uscc", "统一社会信用代码"), "name": Text("name", "企业名称")}


@dataclass(frozen=True, slots=True)
class Orders:
    """Everything that decides what a chunk gives, beside the chunk."""

    offers: tuple[OfferText, ...]
    vocabulary: Vocabulary
    day: date
    language: str
    format: str
    shape: Shape
    lenient: bool
    source: Any
    """The shape of the input: makes rows of a portion of it."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a chunk gives: bytes for the result, its footer (Parquet), what was wrong, line by line, and counts."""

    result: bytes
    footer: bytes
    faults: tuple[RowFault, ...]
    matched: int
    rejected_lines: frozenset[int]
    left_out: int
    """Answers left out of rows that were matched all the same."""
    verdicts: tuple[int, ...]

    @property
    def rejected(self) -> int:
        """How many rows were not matched."""
        return len(self.rejected_lines)


@dataclass(frozen=True, slots=True)
class Empty:
    """A result without rows: the names of its columns, and for Parquet the file's parts."""

    header: list[str]
    result: bytes
    footer: bytes


@dataclass(slots=True)
class Worker:
    """Does chunks; remembers texts and texts' values between them."""

    orders: Orders
    compiled: InitVar[Matcher | None] = None
    """A matcher for the same offers, day and shape, where there is one already."""
    answers: AnswerReader = field(init=False)
    matcher: Matcher = field(init=False)

    def __post_init__(self, compiled: Matcher | None) -> None:
        orders = self.orders
        self.answers = AnswerReader(orders.vocabulary)
        self.matcher = compiled or Matcher(orders.offers, orders.vocabulary, orders.day, orders.shape)

    def do(self, portion: Any) -> Done:
        """The result of one portion of the input."""
        rows: Rows = self.orders.source.rows(portion)
        faults = list(rows.faults)
        columns, cell_faults = self.answers.columns(rows.cells, len(rows))
        identity, wrong_identity = _identity(rows)
        keep = np.ones(len(rows), bool)
        for row, part, raw, fault in wrong_identity:
            keep[row] = False
            word = _IDENTITY_WORDS[part].said(self.orders.language)
            faults.append(RowFault(int(rows.lines[row]), word, raw, fault.code, fault.message))
        for one in cell_faults:
            keep[one.row] &= self.orders.lenient
            word = rows.words[one.fact.name]
            faults.append(RowFault(int(rows.lines[one.row]), word, _shown(one.value), one.code, one.message))
        said = {fault.line for fault in faults}
        for row in np.flatnonzero(_silent(rows, columns) & keep).tolist():
            if int(rows.lines[row]) not in said:
                faults.append(RowFault(int(rows.lines[row]), "", "", "empty", _EMPTY))
            keep[row] = False
        rejected_lines = frozenset(rows.lines[~keep].tolist()) | {fault.line for fault in rows.faults}
        if not keep.all():
            chosen = np.flatnonzero(keep)
            columns = columns.take(chosen)
            identity = {part: array.take(pa.array(chosen)) for part, array in identity.items()}
        left_out = sum(1 for one in cell_faults if keep[one.row])
        matched = int(keep.sum())
        said_of = tuple(sorted(faults, key=lambda fault: fault.line))
        if not matched:
            return Done(b"", b"", said_of, 0, rejected_lines, left_out, ())
        table, verdicts = self.matcher.table(identity, columns)
        result, footer = self._written(table)
        return Done(result, footer, said_of, matched, rejected_lines, left_out, tuple(verdicts.tolist()))

    def empty(self) -> Empty:
        """The result of no companies."""
        nobody = {part: pa.array([], pa.string()) for part in ("id", "uscc", "name")}
        table, _ = self.matcher.table(nobody, Columns(self.orders.vocabulary, 0, {}))
        if self.orders.format != "parquet":
            return Empty(table.column_names, b"", b"")
        return Empty(table.column_names, *self._written(table))

    def _written(self, table: Any) -> tuple[bytes, bytes]:
        match self.orders.format:
            case "csv":
                return csv_bytes(table), b""
            case "ndjson":
                return ndjson_bytes(table), b""
        parts = take_apart(parquet_bytes(table))
        return parts.body, parts.footer


_EMPTY = Text("This row says nothing.", "此行没有任何内容。")


def rejects_header(language: str) -> bytes:
    """The first line of the rejects file."""
    names = Text("line,column,value,reason", "行号,列,内容,原因").said(language)
    return ("\ufeff" + names + "\n").encode()


def rejects_lines(faults: Iterable[RowFault], language: str) -> bytes:
    """Lines of the rejects file for what was wrong."""
    written = io.StringIO()
    for fault in faults:
        cells = (str(fault.line), harmless(fault.field), harmless(fault.value), fault.message.said(language))
        written.write(",".join(map(csv_cell, cells)) + "\n")
    return written.getvalue().encode("utf-8", "replace")


def _shown(raw: Any) -> str:
    if isinstance(raw, dict | list | tuple):
        return "{…}" if isinstance(raw, dict) else "[…]"
    return quoted(raw)


def _silent(rows: Rows, columns: Columns) -> NDArray[np.bool_]:
    """The rows that neither say who the company is nor answer anything."""
    words = np.zeros(-(-len(rows) // 64), np.uint64)
    for column in columns.by_fact.values():
        words |= column.known
    silent = np.unpackbits(words.view(np.uint8), count=len(rows), bitorder="little") == 0
    if not silent.any():
        return silent
    for array in rows.identity.values():
        silent &= np.asarray(pc.equal(pc.utf8_trim_whitespace(array.fill_null("")), ""))
    return silent


def _identity(rows: Rows) -> tuple[dict[str, Any], list[_WrongIdentity]]:
    """Number, code and name of each company, clean; where no column says the number, the code or the line does."""
    given = dict(rows.identity)
    if "id" not in given and "uscc" in given:
        given["id"] = given.pop("uscc")
    faults: list[_WrongIdentity] = []
    found = {part: _clean(array, part, faults) for part, array in given.items()}
    lines = pa.array(rows.lines).cast(pa.string())
    if "id" in found:
        found["id"] = pc.if_else(pc.equal(found["id"], ""), lines, found["id"])
    else:
        found["id"] = lines
    if "name" not in found:
        found["name"] = pa.array([""] * len(rows), pa.string())
    return found, faults


def _clean(array: Any, part: str, faults: list[_WrongIdentity]) -> Any:
    texts = pc.utf8_trim_whitespace(array.fill_null(""))
    strange = pc.or_(
        pc.match_substring_regex(texts, r"[\p{C}\p{Zl}\p{Zp}]"), pc.greater(pc.utf8_length(texts), LONGEST_NAME)
    )
    places = np.flatnonzero(np.asarray(strange))
    if not len(places):
        return texts
    cleaned = texts.to_pylist()
    for row in places.tolist():
        try:
            cleaned[row] = typed_text(cleaned[row], LONGEST_NAME)
        except ValueFault as fault:
            faults.append((row, part, quoted(cleaned[row]), fault))
    return pa.array(cleaned, pa.string())

"""A result's table as bytes: CSV, NDJSON, or a row group of a Parquet file."""

import io
import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

# Also after blanks, which spreadsheets pass over, and in full width, which some of them take for the same.
_FORMULA = re.compile(r"[\t\r\n]|[\s\u200b\ufeff]*[=+\-@＝＋－＠]")
_NUMBER = re.compile(r"[+-]?[0-9][0-9,]*(?:\.[0-9]+)?%?")
_AT_ONCE = 50_000
_USER_TEXT = ("id", "name", "uscc")


def harmless(text: str) -> str:
    """The text with a quotation mark before it where a spreadsheet would take it for a formula; a number stays one."""
    return "'" + text if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def csv_cell(text: str) -> str:
    """The text as one cell of a CSV file."""
    if any(sign in text for sign in ',"\r\n') or text != text.strip():
        return '"' + text.replace('"', '""') + '"'
    return text


def csv_header(names: list[str]) -> bytes:
    """The first line, with the mark that lets spreadsheets see UTF-8."""
    return ("\ufeff" + ",".join(map(csv_cell, names)) + "\n").encode()


def csv_bytes(table: Any) -> bytes:
    """The rows of the table as lines of CSV. What is not known is an empty cell."""

    def cell(name: str) -> Any:
        user_text = name in _USER_TEXT
        return lambda text: csv_cell(harmless(text) if user_text else text)

    columns = [_Texts(table.column(at), cell(name), "") for at, name in enumerate(table.column_names)]
    return _lines(columns, table.num_rows, "\n")


def ndjson_bytes(table: Any) -> bytes:
    """The rows of the table as JSON objects, one a line. Amounts are texts, exact; what is not known is null."""

    def value(key: str, name: str) -> Any:
        if name.endswith("missing"):
            return lambda text: key + json.dumps(text.split("; ") if text else [], ensure_ascii=False)
        return lambda text: key + json.dumps(text, ensure_ascii=False)

    columns = []
    for at, name in enumerate(table.column_names):
        key = ("{" if at == 0 else "") + json.dumps(name, ensure_ascii=False) + ":"
        columns.append(_Texts(table.column(at), value(key, name), key + "null"))
    return _lines(columns, table.num_rows, "}\n")


class _Texts:
    """A column as texts: each distinct value is written once, then only pointed at."""

    def __init__(self, column: Any, said: Callable[[str], str], unknown: str) -> None:
        array = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
        if not pa.types.is_dictionary(array.type):
            array = array.dictionary_encode()
        words = array.dictionary if pa.types.is_string(array.dictionary.type) else array.dictionary.cast(pa.string())
        self.texts = pa.array([*(unknown if word is None else said(word) for word in words.to_pylist()), unknown])
        self.places = np.asarray(array.indices.fill_null(len(words)))

    def some(self, start: int, stop: int) -> Any:
        return self.texts.take(pa.array(self.places[start:stop]))


def _lines(columns: list[_Texts], rows: int, end: str) -> bytes:
    """All rows as text, some at a time, so that memory holds little more than the result."""
    written = []
    for start in range(0, rows, _AT_ONCE):
        stop = min(start + _AT_ONCE, rows)
        cells = [column.some(start, stop) for column in columns]
        lines = pc.binary_join_element_wise(*cells, pa.scalar(","))
        lines = pc.binary_join_element_wise(lines, pa.scalar(end), pa.scalar(""))
        _, offsets, text = lines.buffers()
        ends = np.frombuffer(offsets, np.int32, len(lines) + 1)
        written.append(memoryview(text)[ends[0] : ends[-1]])
    return b"".join(written)


def parquet_bytes(table: Any) -> bytes:
    """The table as a Parquet file of one row group, without statistics: every group has every verdict, nothing is skipped."""
    sink = io.BytesIO()
    pq.write_table(table, sink, row_group_size=max(table.num_rows, 1), compression="zstd", compression_level=1,
                   write_statistics=False)  # fmt: skip
    return sink.getvalue()

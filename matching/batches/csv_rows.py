"""Rows of a CSV file: comma, semicolon or tab; quoted fields may hold anything, also line ends."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from companies.facts import Text, Vocabulary
from matching.batches.faults import BatchFault, RowFault
from matching.batches.files import InputFile
from matching.batches.headers import Header, identity_of, read_headers
from matching.batches.records import Records, read_records
from matching.batches.rows import Place, Rows

DELIMITERS = (",", "\t", ";")
_MOST_REMARKS = 100


@dataclass(frozen=True, slots=True)
class CsvShape:
    """How the records of one CSV file become rows: its delimiter, and what its columns are about."""

    path: Path
    delimiter: str
    headers: tuple[Header, ...]

    def rows(self, records: Records) -> Rows:
        """The cells of some records."""
        table, kept, faults = self._table(records)
        identity: dict[str, Any] = {}
        cells: dict[str, Any] = {}
        for header, column in zip(self.headers, table.columns, strict=True):
            array = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
            if header.identity:
                identity[header.identity] = array
            elif header.fact:
                cells[header.fact.name] = array
        words = {header.fact.name: header.word for header in self.headers if header.fact}
        return Rows(records.lines[kept], identity, cells, words, [*records.faults, *faults])

    def _table(self, records: Records) -> tuple[Any, Any, list[RowFault]]:
        """A table of text, which of the records are its rows, and a fault for each row of another width."""
        names = [str(at) for at in range(len(self.headers))]
        if not len(records):
            return pa.table({name: pa.array([], pa.string()) for name in names}), np.zeros(0, np.int64), []
        wrong: list[tuple[int, int]] = []

        def refuse(row: Any) -> str:
            wrong.append((row.number - 1, row.actual_columns))
            return "skip"

        table = arrow_csv.read_csv(
            io.BytesIO(records.text[: records.ends[-1]]),
            # One thread, so that the numbers of refused rows are told; chunks are what runs side by side.
            read_options=arrow_csv.ReadOptions(column_names=names, use_threads=False, block_size=1 << 30),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self.delimiter, newlines_in_values=b'"' in records.text, invalid_row_handler=refuse
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
            ),
        )
        keep = np.ones(len(records), bool)
        keep[[at for at, _ in wrong]] = False
        if int(keep.sum()) != table.num_rows:
            at = int(records.lines[0])
            raise BatchFault(
                Text(
                    f"{self.path}:{at}: the rows from here on cannot be told apart; check the quotation marks.",
                    f"{self.path}:{at}：无法区分此后的各行，请检查引号。",
                )
            )
        return table, np.flatnonzero(keep), [self._wrong_width(int(records.lines[at]), count) for at, count in wrong]

    def _wrong_width(self, line: int, count: int) -> RowFault:
        said = Text(
            f"This row has {count} cells, the header has {len(self.headers)}.",
            f"此行有 {count} 个单元格，而标题行有 {len(self.headers)} 个。",
        )
        return RowFault(line, "", "", "wrong_width", said)


def open_csv(
    file: InputFile,
    opened: BinaryIO,
    vocabulary: Vocabulary,
    *,
    skip_unknown: bool = False,
    learned: Mapping[str, str] | None = None,
) -> tuple[CsvShape, Place]:
    """The shape of a file whose first line (after remarks, which begin with #) names the columns; where rows begin."""
    offset, line, first = _first_line(file, opened)
    delimiter = _delimiter(first, vocabulary)
    header = next(read_records(file, opened, offset, line, 1, delimiter))
    text = header.record(0).decode().rstrip("\r\n")
    words = _words(text, delimiter)
    headers = read_headers(file.path, words, vocabulary, skip_unknown=skip_unknown, learned=learned)
    shape = CsvShape(file.path, delimiter, headers)
    rows = read_records(file, opened, header.offset, header.line, 1, delimiter)
    if not any(len(records) or records.faults for records in rows):
        raise BatchFault(Text(f"{file.path} has a header and no rows.", f"{file.path} 只有标题行，没有数据。"))
    return shape, Place(header.offset, header.line)


def _first_line(file: InputFile, opened: BinaryIO) -> tuple[int, int, str]:
    """Offset and line of the first line that is no remark, and its text."""
    offset, line = file.start, 1
    for _ in range(_MOST_REMARKS):
        records = next(read_records(file, opened, offset, line, 1), None)
        if records is None:
            break
        if records.faults:
            raise BatchFault(
                Text(
                    f"{file.path}:{line}: {records.faults[0].message.en}",
                    f"{file.path}:{line}：{records.faults[0].message.zh}",
                )
            )
        if len(records) and not records.record(0).startswith(b"#"):
            text = records.record(0).decode()
            if "\0" in text:
                raise BatchFault(
                    Text(
                        f"{file.path} is not text: its header has NUL bytes.",
                        f"{file.path} 不是文本文件：标题行含有空字节。",
                    )
                )
            return offset, line, text
        offset, line = records.offset, records.line
    raise BatchFault(Text(f"{file.path} has no header line.", f"{file.path} 没有标题行。"))


def _words(line: str, delimiter: str) -> list[str]:
    """The words of a header line; one word where it cannot be taken apart."""
    try:
        return [word.strip() for word in next(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter), [])]
    except csv.Error:  # a word beyond the module's limit
        return [line]


def _delimiter(line: str, vocabulary: Vocabulary) -> str:
    """The delimiter that makes the most of the header's words known; else the one that splits it most."""

    def known(delimiter: str) -> tuple[int, int]:
        words = _words(line, delimiter)
        return sum(1 for word in words[:2000] if vocabulary.resolve(word) or identity_of(word, vocabulary)), len(words)

    return max(DELIMITERS, key=known)

"""The input cut into portions, each of which can be kept by itself and matched anywhere, in any order."""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from companies.facts import Text, ValueFault, Vocabulary, folded
from matching.batches.csv_rows import CsvShape, open_csv
from matching.batches.files import InputFile, look_over
from matching.batches.headers import read_headers, words_learned
from matching.batches.ndjson_rows import NdjsonShape, open_ndjson
from matching.batches.parquet_rows import ParquetShape, Portion, open_parquet, read_portions
from matching.batches.records import Records, read_records
from matching.batches.rows import Place

OPENERS: dict[str, Callable[..., tuple[Any, Place]]] = {
    "csv": open_csv, "ndjson": open_ndjson, "parquet": open_parquet,
}  # fmt: skip
"""How a file of each format is opened: its shape, and the place of its first row."""


def portions(file: InputFile, opened: BinaryIO, source: Any, at: Place, most: int) -> Iterator[tuple[Any, Place]]:
    """The rows from this place on, at most so many at a time, each with the place after it."""
    if file.format == "parquet":
        yield from read_portions(file, opened, at, most)
        return
    delimiter = source.delimiter if file.format == "csv" else None
    for records in read_records(file, opened, at.offset, at.line, most, delimiter):
        yield records, Place(records.offset, records.line)


@dataclass(frozen=True, slots=True)
class Reading:
    """How an input is read, once it was looked over: everything that a kept portion of it does not say itself."""

    format: str
    encoding: str = ""
    sound: bool = False
    delimiter: str = ""
    words: tuple[str, ...] = ()
    """The header, as the file has it."""
    learned: Mapping[str, str] = field(default_factory=dict)
    """What facts are called since the release was made, as far as the file may say it; see `words_learned`."""

    @classmethod
    def of(cls, file: InputFile, source: Any) -> "Reading":
        """The reading of a file that was opened."""
        headers = getattr(source, "headers", ())
        words = tuple(header.word for header in headers)
        learned = {folded(header.word): header.learned for header in headers if header.learned}
        if file.format == "ndjson":
            learned = dict(source.learned)
        return cls(file.format, file.encoding, file.sound, getattr(source, "delimiter", ""), words, learned)

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "Reading":
        """What `to_plain` gave."""
        return cls(**{**plain, "words": tuple(plain["words"])})

    def to_plain(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "format": self.format, "encoding": self.encoding, "sound": self.sound, "delimiter": self.delimiter,
            "words": list(self.words), "learned": dict(self.learned),
        }  # fmt: skip

    def source(self, shown: Path, vocabulary: Vocabulary, *, skip_unknown: bool) -> Any:
        """What turns portions into rows."""
        match self.format:
            case "ndjson":
                return NdjsonShape(shown, vocabulary, skip_unknown, self.learned)
            case "companies":
                return CompaniesShape(shown, vocabulary, skip_unknown=True)
        headers = read_headers(shown, self.words, vocabulary, skip_unknown=skip_unknown, learned=self.learned)
        if self.format == "parquet":
            return ParquetShape(shown, headers, 0)
        return CsvShape(shown, self.delimiter, headers)

    def kept(self, opened: BinaryIO, portion: Any, start: Place, end: Place) -> bytes:
        """The portion as bytes to keep; `opened` is the input, for whoever reads it beside the one that cuts."""
        if self.format == "parquet":
            sink = io.BytesIO()
            with pa.ipc.new_stream(sink, portion.batch.schema) as stream:
                stream.write_batch(portion.batch)
            return sink.getvalue()
        opened.seek(start.offset)
        return opened.read(end.offset - start.offset)

    def portion(self, shown: Path, kept: bytes, line: int, most: int) -> Any:
        """The same portion again; `line` is that of its start."""
        if self.format == "parquet":
            with pa.ipc.open_stream(kept) as stream:
                return Portion(stream.read_next_batch(), line)
        file = InputFile(shown, self.format, len(kept), "", self.encoding, 0, self.sound)
        delimiter = self.delimiter if self.format == "csv" else None
        return next(read_records(file, io.BytesIO(kept), 0, line, most, delimiter))


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that was looked over and whose header was read: how its rows are read, and where they begin."""

    file: InputFile
    reading: Reading
    start: Place


def open_file(
    path: Path, shown: Path, vocabulary: Vocabulary, *, today: Vocabulary | None = None, encoding: str | None = None,
    skip_unknown: bool = False,
) -> Opened:  # fmt: skip
    """Look a file over and read its header; raises BatchFault. `today` is the vocabulary that companies are asked now."""
    file = look_over(path, encoding, shown=shown)
    learned = words_learned(vocabulary, today) if today is not None else {}
    with path.open("rb") as opened:
        source, start = OPENERS[file.format](file, opened, vocabulary, skip_unknown=skip_unknown, learned=learned)
    return Opened(file, Reading.of(file, source), start)


def rows_in(portion: Any) -> int:
    """How many rows the portion has, those that cannot be read included."""
    if isinstance(portion, Records):
        return len(portion) + len({fault.line for fault in portion.faults})
    return len(portion)


def has_uscc(source: Any) -> bool:
    """Whether the code stands beside another number; alone, it is the number."""
    given = {header.identity for header in getattr(source, "headers", ())}
    return {"id", "uscc"} <= given


class CompaniesShape(NdjsonShape):
    """Rows of companies that were sent before, as `company_line` writes them."""

    def _read(self, given: dict[str, Any], words: dict[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
        if "gone" in given:
            said = Text("This company is not there, or is no longer yours to see.", "没有这家企业，或贵方已无权查看。")
            raise ValueFault("unknown_company", said)
        return super()._read(given, words)


def company_line(number: str, name: str, facts: dict[str, Any] | None) -> bytes:
    """A company as a line for `CompaniesShape`; without facts, one that cannot be seen any more."""
    plain = {"gone": number} if facts is None else {"id": number, "name": name, "facts": facts}
    return json.dumps(plain, ensure_ascii=False).encode("utf-8", "replace") + b"\n"

"""Rows of a Parquet file. Typed cells keep their types; a number that is none (NaN, infinity) is a fault, not a value."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from companies.facts import Text, Vocabulary
from matching.batches.bounded_memory import MOST_BYTES, bounded_memory
from matching.batches.faults import BatchFault
from matching.batches.files import InputFile
from matching.batches.headers import Header, read_headers
from matching.batches.rows import Place, Rows

MOST_FOOTER = 8 << 20
"""Bytes of a footer: enough for a thousand row groups of a hundred columns."""
BUFFER = 1 << 16


@dataclass(frozen=True, slots=True)
class Portion:
    """Some rows of the table, and the number of the first (from 1)."""

    batch: Any
    first: int

    def __len__(self) -> int:
        return int(self.batch.num_rows)


@dataclass(frozen=True, slots=True)
class ParquetShape:
    """How the columns of one Parquet file become cells; the line of a row is its number."""

    path: Path
    headers: tuple[Header, ...]
    total: int
    """Rows of the whole file."""

    def rows(self, portion: Portion) -> Rows:
        """The cells of some rows; raises BatchFault where they would take more memory than rows can need."""
        identity: dict[str, Any] = {}
        cells: dict[str, Any] = {}
        try:
            with bounded_memory():
                for header, array in zip(self.headers, portion.batch.columns, strict=True):
                    if header.identity:
                        identity[header.identity] = _as_text(array)
                    elif header.fact:
                        cells[header.fact.name] = _as_cells(array)
        except MemoryError as fault:
            raise _too_much(self.path) from fault
        words = {header.fact.name: header.word for header in self.headers if header.fact}
        return Rows(np.arange(portion.first, portion.first + len(portion)), identity, cells, words, [])


def open_parquet(
    file: InputFile,
    opened: BinaryIO,
    vocabulary: Vocabulary,
    *,
    skip_unknown: bool = False,
    learned: Mapping[str, str] | None = None,
) -> tuple[ParquetShape, Place]:
    """The shape of the file; refuses one that is cut off or has no rows."""
    _refuse_large_footer(file, opened)
    try:
        with bounded_memory():
            parquet = pq.ParquetFile(opened)
            names = list(parquet.schema_arrow.names)
    except MemoryError as fault:
        raise _too_much(file.path) from fault
    except (pa.ArrowException, OSError) as fault:
        raise _broken(file.path, fault) from fault
    headers = read_headers(file.path, names, vocabulary, skip_unknown=skip_unknown, learned=learned)
    if not parquet.metadata.num_rows:
        raise BatchFault(Text(f"{file.path} has no rows.", f"{file.path} 没有数据。"))
    return ParquetShape(file.path, headers, parquet.metadata.num_rows), Place(0, 1)


def read_portions(file: InputFile, opened: BinaryIO, place: Place, most: int) -> Iterator[tuple[Portion, Place]]:
    """The rows from this place on, at most so many at a time, cut at the same places however often interrupted."""
    try:
        # In small pieces: without a buffer, all of a column of a row group would be in memory.
        with bounded_memory():
            parquet = pq.ParquetFile(opened, pre_buffer=False, buffer_size=BUFFER)
        first = 0
        for group in range(parquet.metadata.num_row_groups):
            rows = parquet.metadata.row_group(group).num_rows
            if first + rows <= place.offset:
                first += rows
                continue
            at = first
            batches = parquet.iter_batches(batch_size=most, row_groups=[group], use_threads=False)
            while (batch := _next_of(batches)) is not None:
                if at >= place.offset:
                    end = at + batch.num_rows
                    yield Portion(batch, at + 1), Place(end, end + 1)
                at += batch.num_rows
            first += rows
    except MemoryError as fault:
        raise _too_much(file.path) from fault
    except (pa.ArrowException, OSError) as fault:
        raise _broken(file.path, fault) from fault


def _next_of(batches: Iterator[Any]) -> Any:
    """The next rows, words in place of their numbers in a dictionary: so it is here that too much of them is refused."""
    with bounded_memory():
        batch = next(batches, None)
        if batch is None or not any(pa.types.is_dictionary(field.type) for field in batch.schema):
            return batch
        columns = [one.dictionary_decode() if pa.types.is_dictionary(one.type) else one for one in batch.columns]
        return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _refuse_large_footer(file: InputFile, opened: BinaryIO) -> None:
    """A footer is read whole, and takes many times its size in memory."""
    opened.seek(max(file.size - 8, 0))
    size = int.from_bytes(opened.read(4), "little")
    opened.seek(0)
    # One that says more than there is is damaged, which the library finds out without reading it.
    if MOST_FOOTER < size <= file.size:
        raise BatchFault(
            Text(
                f"{file.path}: the footer says that it has {size:,} bytes; at most {MOST_FOOTER:,} are read. "
                "It may be damaged; or write larger row groups.",
                f"{file.path}：文件尾声明有 {size:,} 字节，最多读取 {MOST_FOOTER:,} 字节。文件可能已损坏，或请使用更大的行组。",
            )
        )


def _broken(path: Path, fault: Exception) -> BatchFault:
    what = str(fault).splitlines()[0][:200]
    return BatchFault(
        Text(
            f"{path} cannot be read as Parquet; it may be cut off or damaged. ({what})",
            f"{path} 无法按 Parquet 读取，文件可能不完整或已损坏。（{what}）",
        )
    )


def _too_much(path: Path) -> BatchFault:
    return BatchFault(
        Text(
            f"{path}: unpacked, some rows would take more than {MOST_BYTES >> 20} MB. Look for cells that are very long or repeat "
            "a very long text, or write smaller row groups.",
            f"{path}：部分数据行解压后将超过 {MOST_BYTES >> 20} MB。请检查是否有过长的单元格（或大量重复的长文本），或改用更小的行组。",
        )
    )


def _as_text(array: Any) -> Any:
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_nested(array.type) or pa.types.is_binary(array.type):
        return pa.array([None if one is None else str(one) for one in array.to_pylist()], pa.string())
    return array.cast(pa.string())


def _as_cells(array: Any) -> Any:
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _as_cells(array.dictionary_decode())
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return array.cast(pa.string())
    if pa.types.is_timestamp(kind):
        return [_day(one) for one in array.to_pylist()]
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return array.to_pylist()
    return array


def _day(moment: datetime | None) -> Any:
    """A day that was stored as its midnight is that day; any other moment stays what it is, for the check to refuse."""
    return moment.date() if isinstance(moment, datetime) and moment.time() == time() else moment

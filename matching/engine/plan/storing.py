"""Columns in an Arrow IPC file, which any tool for data frames reads and which loads without being read."""

import json
import os
import tempfile
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from companies.facts import Kind, Vocabulary
from matching.engine.plan.bits import Array, Words, every_row, words_for
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

FORMAT = 1
_ENTRY = pa.struct([("kind", pa.int32()), ("issued", pa.int32()), ("expires", pa.int32())])
_NUMBER_TYPES = {np.dtype(np.int32): pa.int32(), np.dtype(np.int64): pa.int64()}


def save_columns(columns: Columns, path: Any) -> None:
    """Write the file beside its place first, so that a full disk leaves the old one as it was."""
    fields, arrays = [], []
    for name, column in columns.by_fact.items():
        fact = columns.vocabulary.get(name)
        assert fact is not None, name
        for field, array in _stored(name, fact.kind, column, columns.rows):
            fields.append(field)
            arrays.append(array)
    said = json.dumps({"format": FORMAT, "rows": columns.rows})
    schema = pa.schema(fields, metadata={"changce": said})
    target = Path(path)
    handle, written = tempfile.mkstemp(dir=target.parent, prefix=target.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
            if arrays:
                writer.write_batch(pa.record_batch(arrays, schema=schema))
        os.replace(written, target)
    except BaseException:
        Path(written).unlink(missing_ok=True)
        raise


def load_columns(path: Any, vocabulary: Vocabulary) -> Columns:
    """The columns of the file; raises ValueError for a file of another format or for other kinds of facts."""
    reader = pa.ipc.open_file(pa.memory_map(str(path)))
    said = json.loads((reader.schema.metadata or {}).get(b"changce", b"{}"))
    if said.get("format") != FORMAT:
        raise ValueError(f"{path} does not hold columns of companies, or of another edition of this program")
    rows = int(said["rows"])
    by_fact: dict[str, Column] = {}
    if len(reader.schema):
        batch = reader.get_batch(0)
        for at, field in enumerate(batch.schema):
            plain = json.loads(field.metadata[b"fact"])
            fact = vocabulary.get(plain["name"])
            if fact is None or fact.derived is not None or plain.get("key") is not None:
                continue
            if fact.kind.value != plain["kind"]:
                raise ValueError(f"{path}: {fact.name} has become {fact.kind.value}; make the columns anew")
            by_fact[fact.name] = _loaded(batch, at, plain, fact.kind, rows)
    return Columns(vocabulary, rows, by_fact)


def _field(title: str, kind: Any, name: str, fact_kind: Kind, **more: Any) -> pa.Field:
    return pa.field(title, kind, metadata={"fact": json.dumps({"name": name, "kind": fact_kind.value, **more})})


def _stored(name: str, kind: Kind, column: Column, rows: int) -> list[tuple[pa.Field, pa.Array]]:
    known = pa.py_buffer(column.known)

    def array(of: Any, *buffers: Any, children: Any = None) -> Any:
        return pa.Array.from_buffers(of, rows, [known, *map(pa.py_buffer, buffers)], children=children)

    match column:
        case YesNoColumn(yes=yes):
            return [(_field(name, pa.bool_(), name, kind), array(pa.bool_(), yes))]
        case NumberColumn(values=values, odd=odd):
            stored = _NUMBER_TYPES[values.dtype]
            said = {str(row): str(Fraction(value)) for row, value in odd.items()}
            return [(_field(name, stored, name, kind, odd=said), array(stored, np.ascontiguousarray(values)))]
        case ChoiceColumn(codes=codes, keys=keys):
            of = pa.dictionary(pa.from_numpy_dtype(codes.dtype), pa.string())
            indices = array(of.index_type, np.ascontiguousarray(codes))
            chosen = pa.DictionaryArray.from_arrays(indices, pa.array(["", *keys], pa.string()))
            return [(_field(name, of, name, kind), chosen)]
        case SetColumn(keys=keys, members=members):
            fields = [(_field(name, pa.bool_(), name, kind, keys=keys), array(pa.bool_(), column.known))]
            for key, line in zip(keys, members, strict=True):
                field = _field(f"{name}/{key}", pa.bool_(), name, kind, key=key)
                fields.append((field, array(pa.bool_(), np.ascontiguousarray(line))))
            return fields
        case CertificateColumn():
            parts = [pa.array(part) for part in (column.kind, column.issued, column.expires)]
            entries = pa.StructArray.from_arrays(parts, fields=list(_ENTRY))
            offsets = np.searchsorted(column.rows, np.arange(rows + 1)).astype(np.int32)
            of = pa.list_(_ENTRY)
            return [(_field(name, of, name, kind, kinds=column.kinds), array(of, offsets, children=[entries]))]
    raise TypeError(column)


def _loaded(batch: Any, at: int, plain: dict[str, Any], kind: Kind, rows: int) -> Column:
    stored = batch.column(at)
    known = _bits(stored, 0, rows)
    match kind:
        case Kind.YES_NO:
            return YesNoColumn(known, _bits(stored, 1, rows))
        case Kind.DAY:
            return DayColumn(known, _values(stored, rows), 0)
        case Kind.ONE:
            codes = _values(stored.indices, rows)
            return ChoiceColumn(known, codes, tuple(stored.dictionary.to_pylist()[1:]))
        case Kind.MANY:
            keys = tuple(plain["keys"])
            lines = [_bits(batch.column(at + 1 + place), 1, rows) for place in range(len(keys))]
            return SetColumn(known, keys, np.array(lines, np.uint64).reshape(len(keys), words_for(rows)))
        case Kind.CERTIFICATES:
            offsets = np.frombuffer(stored.buffers()[1], np.int32, rows + 1) if rows else np.zeros(1, np.int32)
            entries = [np.asarray(stored.values.field(place)) for place in range(3)]
            numbers = np.repeat(np.arange(rows, dtype=np.int64), np.diff(offsets))
            return CertificateColumn(known, tuple(plain["kinds"]), numbers, *entries)
    odd: dict[int, Decimal | Fraction | int] = {int(row): Fraction(value) for row, value in plain["odd"].items()}
    return NumberColumn(known, _values(stored, rows), PLACES[kind], odd)


def _values(stored: Any, rows: int) -> Array:
    if not rows:
        return np.zeros(0, stored.type.to_pandas_dtype())
    return np.frombuffer(stored.buffers()[1], stored.type.to_pandas_dtype(), rows)


def _bits(stored: Any, at: int, rows: int) -> Words:
    """One row of bits of the stored array; a file leaves the "known" bits away where all are."""
    buffer = stored.buffers()[at]
    everyone = every_row(rows)
    if buffer is None:
        return everyone
    words = np.zeros(words_for(rows), np.uint64)
    length = min(buffer.size, words.nbytes)
    words.view(np.uint8)[:length] = np.frombuffer(buffer, np.uint8, length)
    return words & everyone

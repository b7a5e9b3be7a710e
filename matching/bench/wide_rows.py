"""Companies as rows of a wide PostgreSQL table: read whole into columns, and read as rows by Django's ORM."""

import functools
import io
import operator
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
from django.contrib.postgres.fields import ArrayField
from django.db import connections, models
from numpy.typing import NDArray
from pyarrow import csv

from matching.bench.workload import EPOCH, MEMBERS, Companies, Denied, Every, Node, Test, facts

_ARROW = {
    "money": pa.int64(), "whole": pa.int32(), "ratio": pa.int32(), "day": pa.date32(), "yes_no": pa.bool_(),
    "one_of": pa.dictionary(pa.int32(), pa.string()), "many_of": pa.dictionary(pa.int32(), pa.string()),
}  # fmt: skip
_FIELDS: dict[str, Any] = {
    "money": models.BigIntegerField, "whole": models.IntegerField, "ratio": models.IntegerField, "day": models.DateField,
    "yes_no": models.BooleanField, "one_of": models.TextField,
}  # fmt: skip
_ALIAS = "bench"


def copy_companies(connection: psycopg.Connection, table: str = "company") -> Companies:
    """All rows by one COPY, parsed by Arrow: the answers as arrays and masks."""
    written = io.BytesIO()
    columns = ", ".join(facts())
    with connection.cursor().copy(f"COPY (SELECT {columns} FROM {table} ORDER BY id) TO STDOUT (FORMAT csv)") as copy:
        for part in copy:
            written.write(part)
    written.seek(0)
    read = csv.read_csv(
        written,
        csv.ReadOptions(column_names=list(facts())),
        convert_options=csv.ConvertOptions(
            column_types={name: _ARROW[kind] for name, kind in facts().items()},
            null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False, true_values=["t"],
            false_values=["f"],
        ),
    )  # fmt: skip
    values, known = {}, {}
    for name, kind in facts().items():
        column = read[name].combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = column.unify_dictionaries().combine_chunks()
        known[name] = np.asarray(column.is_valid())
        values[name] = _numbers(kind, column)
    return Companies(values, known)


def _numbers(kind: str, column: Any) -> NDArray[np.int64]:
    if kind in ("one_of", "many_of"):
        meaning = np.array([_code(kind, word) for word in column.dictionary.to_pylist()] or [0], np.int64)
        return np.where(np.asarray(column.is_valid()), meaning[np.asarray(column.indices.fill_null(0))], 0)
    plain = column.cast(pa.int32()) if kind == "day" else column.cast(pa.int8()) if kind == "yes_no" else column
    return np.asarray(plain.fill_null(0)).astype(np.int64)


def _code(kind: str, word: str) -> int:
    if kind == "one_of":
        return MEMBERS.index(word)
    return sum(1 << MEMBERS.index(key) for key in word.strip("{}").split(",") if key)


@contextmanager
def orm_model(address: str, table: str = "company") -> Iterator[Any]:
    """The table as a Django model on a connection of its own."""
    settings = psycopg.conninfo.conninfo_to_dict(address)
    default = connections["default"].settings_dict
    connections.databases[_ALIAS] = {
        **default, "ENGINE": "django.db.backends.postgresql", "NAME": settings.get("dbname", "postgres"),
        "USER": settings.get("user", ""), "PASSWORD": "", "HOST": settings.get("host", ""), "PORT": settings.get("port", ""),
        "OPTIONS": {}, "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False,
    }  # fmt: skip
    fields = {name: _field(kind) for name, kind in facts().items()}
    meta = type("Meta", (), {"app_label": "matching_bench", "managed": False, "db_table": table, "apps": _apart()})
    row = type(
        "CompanyRow",
        (models.Model,),
        {"id": models.BigIntegerField(primary_key=True), "__module__": __name__, "Meta": meta, **fields},
    )
    try:
        yield row.objects.using(_ALIAS)
    finally:
        connections[_ALIAS].close()
        del connections.databases[_ALIAS]


def _apart() -> Any:
    from django.apps.registry import Apps

    return Apps()  # so that the product's own models are not touched


def _field(kind: str) -> Any:
    return ArrayField(models.TextField(), null=True) if kind == "many_of" else _FIELDS[kind](null=True)


def orm_companies(rows: Any) -> Companies:
    """All rows by `values_list`, turned into arrays and masks fact by fact."""
    columns = list(zip(*rows.order_by("id").values_list(*facts()).iterator(chunk_size=20_000), strict=True))
    values, known = {}, {}
    for (name, kind), column in zip(facts().items(), columns, strict=True):
        known[name] = np.array([value is not None for value in column])
        values[name] = np.array([0 if value is None else _stored(kind, value) for value in column], np.int64)
    return Companies(values, known)


def _stored(kind: str, value: Any) -> int:
    match kind:
        case "day":
            return (value - EPOCH).days
        case "one_of":
            return MEMBERS.index(value)
        case "many_of":
            return sum(1 << MEMBERS.index(key) for key in value)
    return int(value)


def plain_truths(rule: Node, companies: Companies, sure: bool = True) -> NDArray[np.bool_]:
    """Where the rule is surely (or possibly) true, by whole arrays of booleans and nothing shared: a usual first version."""
    if isinstance(rule, Test):
        known, holds = companies.known[rule.fact], _plain_test(rule, companies.values[rule.fact])
        return known & holds if sure else ~known | holds
    if isinstance(rule, Denied):
        return ~plain_truths(rule.of, companies, not sure)
    sign = operator.and_ if isinstance(rule, Every) else operator.or_
    return functools.reduce(sign, [plain_truths(part, companies, sure) for part in rule.of])


def _plain_test(test: Test, values: NDArray[np.int64]) -> NDArray[np.bool_]:
    match test.sign:
        case "yes" | "no":
            return (values == 1) == (test.sign == "yes")
        case ">=":
            return values >= test.values[0]
        case "<":
            return values < test.values[0]
        case "between":
            return (values >= test.values[0]) & (values < test.values[1])
        case "in":
            return np.isin(values, test.values)
        case "not_in":
            return ~np.isin(values, test.values)
    mask = sum(1 << at for at in test.values)
    return (values & mask != 0) == (test.sign == "has_any")

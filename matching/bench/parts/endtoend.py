"""From companies in PostgreSQL to stored results: columns and bitmaps beside rows in and rows out."""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from matching.bench.bench_run import BenchRun
from matching.bench.measuring import Timed, interleaved, ratios
from matching.bench.ours import columns_from
from matching.bench.workload import DAY, vocabulary
from matching.engine.plan import PlanResult, compile_plan, evaluate_plan
from matching.engine.plan.columns import Columns
from policies.rules import Verdict

OFFERS = 500
_CHANGED = 1000
_STORED = (Verdict.ELIGIBLE, Verdict.UNDETERMINED)


def measure(run: BenchRun) -> None:
    """Seconds of three ways, and ratios to ours.

    `rows`: Django's `values_list`, arrays of booleans, a row for each eligible pair (an index on the table). `ours`: one
    COPY parsed by Arrow, the plan, two compressed bitmaps an offer. `snapshot`: the same from a kept file of columns in
    which a thousand companies are replaced by fresh profiles.
    """
    import psycopg

    from matching.bench.peers import postgres_peer
    from matching.bench.wide_rows import copy_companies, orm_companies, orm_model, plain_truths

    rows = run.sized(20_000, 100_000, 1_000_000)
    companies, rules = run.companies(rows), run.rules[:OFFERS]
    plan = compile_plan(run.offers[:OFFERS], vocabulary(), DAY)
    changed = np.arange(0, rows, rows // _CHANGED)[:_CHANGED]
    profiles = [companies.profile(int(row)) for row in changed]
    found: dict[str, int] = {}
    with (
        tempfile.TemporaryDirectory(prefix="changce-bench-") as folder,
        postgres_peer.private_server() as address,
        psycopg.connect(address, autocommit=True) as connection,
        orm_model(address) as model,
    ):
        postgres_peer.fill(connection, companies)
        snapshot = Path(folder) / "columns.arrow"
        columns_from(companies).save(snapshot)

        def row_by_row() -> None:
            read = orm_companies(model)
            _empty(connection, "pair", "offer integer, company bigint")
            connection.execute("CREATE INDEX ON pair (offer)")
            connection.execute("CREATE INDEX ON pair (company)")
            count = 0
            with connection.cursor().copy("COPY pair FROM STDIN") as copy:
                for at, rule in enumerate(rules):
                    places = np.flatnonzero(plain_truths(rule, read)).tolist()
                    count += len(places)
                    copy.write("".join([f"{at}\t{place}\n" for place in places]))
            found["rows"] = count

        def from_database() -> None:
            found["ours"] = store(connection, evaluate_plan(plan, columns_from(copy_companies(connection))))

        def from_snapshot() -> None:
            columns = Columns.load(snapshot, vocabulary()).patched(changed, profiles)
            found["snapshot"] = store(connection, evaluate_plan(plan, columns))

        seconds = interleaved(
            min(run.rounds, 3),
            {
                "rows": Timed(lambda _: row_by_row()),
                "ours": Timed(lambda _: from_database()),
                "snapshot": Timed(lambda _: from_snapshot()),
            },
            clock=time.perf_counter,
        )
    say, more = run.sheet.say, {"companies": rows, "offers": OFFERS}
    for name, times in seconds.items():
        say("endtoend", name, statistics.median(times), "s", **more)
    say("endtoend", "rows / ours", ratios(seconds, "ours")["rows"][0], "x", goal=">= 5", **more)
    say("endtoend", "rows / snapshot", ratios(seconds, "snapshot")["rows"][0], "x", goal=">= 15", **more)
    differ = max(abs(found["rows"] - found[name]) for name in ("ours", "snapshot"))
    say("endtoend", "eligible pairs: largest difference", differ, "pairs", goal="<= 0", of=found["rows"])


def _empty(connection: Any, table: str, columns: str) -> None:
    connection.execute(f"DROP TABLE IF EXISTS {table}")
    connection.execute(f"CREATE TABLE {table} ({columns})")


def store(connection: Any, result: PlanResult) -> int:
    """Two compressed bitmaps an offer; how many pairs are eligible."""
    import pyarrow as pa

    codec = pa.Codec("zstd", compression_level=1)
    _empty(connection, "bitmaps", "offer text PRIMARY KEY, eligible bytea, undetermined bytea")
    eligible = 0
    with connection.cursor().copy("COPY bitmaps FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(["text", "bytea", "bytea"])
        for at, offer in enumerate(result.offers):
            words = [result.bits(at, verdict) for verdict in _STORED]
            eligible += int(np.bitwise_count(words[0]).sum())
            copy.write_row((offer, *(codec.compress(bits.tobytes(), asbytes=True) for bits in words)))
    return eligible

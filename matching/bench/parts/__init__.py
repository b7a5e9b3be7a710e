"""The parts of the bench by name: each measures one thing and says its figures."""

from collections.abc import Callable

from matching.bench.bench_run import BenchRun
from matching.bench.parts.agreement import measure_agreement
from matching.bench.parts.bulk import measure_bulk
from matching.bench.parts.limit import measure_limit
from matching.bench.parts.new_offer import measure_new_offer
from matching.bench.parts.one import measure_one
from matching.bench.parts.report import measure_report
from matching.bench.parts.scale import measure_scale

PARTS: dict[str, tuple[str, Callable[[BenchRun], None]]] = {
    "bulk": ("many companies × 500 offers on one core, against openfisca-core, zen-engine and Polars", measure_bulk),
    "scale": ("how time and memory grow with companies (1k to 1M) and offers (100 to 1000)", measure_scale),
    "new_offer": ("one new offer × many companies, against SQL on a PostgreSQL of its own", measure_new_offer),
    "limit": ("the distance to what the caches allow", measure_limit),
    "one": ("one company × 500 offers, every node's status, and explanations, against zen-engine", measure_one),
    "report": ("a complete report on the product's catalogue", measure_report),
    "agreement": ("mismatches between the evaluators on generated pairs (--pairs)", measure_agreement),
}

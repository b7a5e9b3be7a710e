"""The parts of the bench: each is a module of its name here, whose `measure(run)` says its figures."""

from collections.abc import Callable
from importlib import import_module

from matching.bench.bench_run import BenchRun

PARTS = {
    "bulk": "many companies × 500 offers on one core, against openfisca-core, zen-engine and Polars",
    "scale": "how time and memory grow with companies (1k to 1M) and offers (100 to 1000)",
    "new_offer": "one new offer × many companies, against SQL on a PostgreSQL of its own",
    "limit": "the distance to what the caches allow",
    "shares": "where the time of reading, compiling and evaluating goes",
    "one": "one company × 500 offers, every node's status, and explanations, against zen-engine",
    "combination": "60 competing offers: search first and then the solver, against the solver alone",
    "questions": "the guided interview over the example companies, beside the full form",
    "report": "a complete report on the product's catalogue",
    "pages": "the server's time for each main page, with 1,000 companies and 500 reports in the database",
    "endtoend": "companies from PostgreSQL, evaluated, results stored: columns against rows",
    "reach": "whom a changed draft reaches, 100k companies from kept columns, beside judging one by one",
    "batch": "a CSV file of companies by the code of match_batch, and as a partner's batch whose workers are killed",
    "storm": "both editions under kills, freezes, crashes and a broker in trouble: what is lost, doubled, and done how soon",
    "load": "eight clients on the whole service, both editions, while a partner's batch is matched: requests/s, failures, lost, times",
    "rolling": "the clients of `load` while web and workers of the served edition are started anew one by one",
    "workers": "matches and rows of a batch per second with 1, 2 and 4 workers on a PostgreSQL of its own, and where their time goes",
    "agreement": "mismatches between the evaluators on generated pairs (--pairs)",
}
"""What each measures, in the order in which all are run."""


def measure_of(name: str) -> Callable[[BenchRun], None]:
    """The part's function; imported only when it is asked for, because each needs other packages."""
    measure: Callable[[BenchRun], None] = import_module(f"matching.bench.parts.{name}").measure
    return measure

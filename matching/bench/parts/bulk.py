"""Many companies × 500 offers on one core, beside the peers."""

import statistics

import numpy as np
from numpy.typing import NDArray

from matching.bench.bench_run import BenchRun
from matching.bench.measuring import Timed, one_core, ratios
from matching.bench.ours import answers_of, columns_from
from matching.bench.workload import DAY, vocabulary
from matching.engine.plan import compile_plan, evaluate_plan

OFFERS = 500
_ZEN_SAMPLE = 100
_GOALS = {"openfisca": ">= 25", "zen": ">= 500", "polars": ">= 2.5"}


def measure(run: BenchRun) -> None:
    """Ratios of openfisca-core, zen-engine and Polars to ours, in turns, and where their answers differ.

    `ours` are numpy's loops, which are always there; `ours, compiled` numba's.
    """
    from matching.bench.peers import openfisca_peer, polars_peer, zen_peer

    rows = run.sized(20_000, 100_000, 100_000)
    companies, rules = run.companies(rows), run.rules[:OFFERS]
    plan, columns = compile_plan(run.offers[:OFFERS], vocabulary(), DAY), columns_from(companies)
    frame = polars_peer.frame_of(companies)
    query = polars_peer.query_of(frame, rules)
    compiled, contexts = zen_peer.compile_rules(rules), zen_peer.contexts_of(companies, _ZEN_SAMPLE)
    system = openfisca_peer.system_of(rules)
    unshared = openfisca_peer.system_of(rules, shared=False)
    with one_core():
        seconds = run.compare(
            "bulk",
            {
                "ours": Timed(lambda _: evaluate_plan(plan, columns, compiled=False)),
                "polars": Timed(lambda _: query.collect()),
                "zen": Timed(lambda _: zen_peer.answers_of(compiled, contexts), scale=rows / _ZEN_SAMPLE),
                "openfisca": Timed(
                    lambda simulation: openfisca_peer.calculate(simulation, OFFERS),
                    prepare=lambda: openfisca_peer.simulation_of(system, companies),
                ),
                # As `ours`, right after OpenFisca: neither finds its columns in the cache.
                "ours, compiled": Timed(lambda _: evaluate_plan(plan, columns, compiled=True)),
                "openfisca, a formula per offer": Timed(
                    lambda simulation: openfisca_peer.calculate(simulation, OFFERS),
                    prepare=lambda: openfisca_peer.simulation_of(unshared, companies),
                ),
            },
            _GOALS,
            companies=rows,
            offers=OFFERS,
        )
    for name in ("ours", "ours, compiled"):
        per_pair = statistics.median(seconds[name]) / rows / OFFERS * 1e9
        run.sheet.say("bulk", f"{name}, per pair", per_pair, "ns", companies=rows, offers=OFFERS)
    for name, (middle, low, high) in ratios(seconds, "ours, compiled").items():
        shown = {"low": round(low, 2), "high": round(high, 2), "companies": rows, "offers": OFFERS}
        run.sheet.say("bulk", f"{name} / ours, compiled", middle, "x", goal=_GOALS.get(name), **shown)
    answers = answers_of(evaluate_plan(plan, columns, compiled=False), OFFERS)
    _say_mismatches(run, "ours, compiled", answers, answers_of(evaluate_plan(plan, columns, compiled=True), OFFERS))
    _say_mismatches(run, "polars", answers, polars_peer.answers_of(query.collect()))
    _say_mismatches(run, "zen", answers[:, :_ZEN_SAMPLE], zen_peer.answers_of(compiled, contexts))
    simulation = openfisca_peer.simulation_of(system, companies)
    # OpenFisca counts in float32, so a few of its figures beside a threshold differ.
    _say_mismatches(run, "openfisca", answers, openfisca_peer.answers_of(openfisca_peer.calculate(simulation, OFFERS)))


def _say_mismatches(run: BenchRun, name: str, ours: NDArray[np.int8], theirs: NDArray[np.int8]) -> None:
    run.sheet.say("bulk", f"{name}: other answers than ours", int((ours != theirs).sum()), "pairs", of=ours.size)

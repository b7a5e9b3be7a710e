"""Where the time goes on the way from rule texts and answers to verdicts."""

import cProfile
import pstats
import time
from collections.abc import Callable
from typing import Any

from matching.bench.bench_run import BenchRun
from matching.bench.measuring import one_core
from matching.bench.ours import columns_from
from matching.bench.workload import DAY, read_offers, vocabulary
from matching.engine.plan import columns_of, compile_plan, evaluate_plan

OFFERS = 500
_PROFILES = 2000

# What the functions that run one block call, by what it is for. What is not named here is counted as "other".
_STAGES = {
    "scan": "elementary tests", "ranged_bits": "ranges", "_leaf": "criteria", "_combine": "trees", "_group": "trees",
    "_keep": "output", "_note_errors": "output", "slice": "columns",
}  # fmt: skip


def measure(run: BenchRun) -> None:
    """Seconds of each stage alone, and the shares of an evaluation's own stages."""
    rows = run.sized(100_000, 1_000_000, 1_000_000)
    companies, say = run.companies(rows), run.sheet.say
    with one_core():
        seconds, offers = _timed(lambda: read_offers(run.rules[:OFFERS]))
        say("shares", "parse: rule texts to offers", seconds * 1000, "ms", offers=OFFERS)
        seconds, plan = _timed(lambda: compile_plan(offers, vocabulary(), DAY))
        say("shares", "compile: offers to a plan", seconds * 1000, "ms", offers=OFFERS)
        profiles = [companies.profile(row) for row in range(_PROFILES)]
        seconds, _ = _timed(lambda: columns_of(vocabulary(), profiles))
        say("shares", "columns: profiles to columns", seconds / _PROFILES * 1e6, "µs per company", facts=60)
        columns = columns_from(companies)
        evaluate_plan(plan, columns, compiled=False)
        profiler = cProfile.Profile(time.process_time)
        result = profiler.runcall(evaluate_plan, plan, columns, compiled=False)
        seconds, _ = _timed(result.counts)
    say("shares", "output: counts per verdict", seconds * 1000, "ms", companies=rows, offers=OFFERS)
    for stage, share in shares_of(pstats.Stats(profiler)).items():
        say("shares", f"evaluation: {stage}", share * 100, "%", companies=rows, offers=OFFERS)


def shares_of(stats: pstats.Stats) -> dict[str, float]:
    """The share of each stage in the time of all blocks."""
    entries: dict[Any, Any] = stats.stats  # type: ignore[attr-defined]
    here = {key[2]: key for key in entries if key[0].endswith("evaluating.py")}
    block, steps = here["block"], here["_run_steps"]
    total = entries[block][3]
    shares = {"other": (entries[block][2] + entries[steps][2]) / total}
    for key, (_calls, _primitive, _own, _whole, callers) in entries.items():
        for caller in (block, steps):
            if caller in callers and key != steps:
                stage = _STAGES.get(key[2], "other")
                shares[stage] = shares.get(stage, 0) + callers[caller][3] / total
    return dict(sorted(shares.items(), key=lambda item: -item[1]))


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.process_time()
    made = work()
    return time.process_time() - began, made

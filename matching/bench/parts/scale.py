"""How time and memory grow with companies and with offers."""

import statistics

from matching.bench.bench_run import BenchRun
from matching.bench.measuring import Timed, interleaved, one_core
from matching.bench.memory import peak_bytes
from matching.bench.ours import columns_from
from matching.bench.workload import DAY, vocabulary
from matching.engine.plan import compile_plan, evaluate_plan


def measure(run: BenchRun) -> None:
    """ns per pair for 1k to 1M companies and 100 to 1000 offers, and the peak of memory beside the columns."""
    most = run.sized(100_000, 1_000_000, 1_000_000)
    plans = {}
    for count in (100, 500, 1000):
        began = interleaved(1, {"it": Timed(lambda _, n=count: compile_plan(run.offers[:n], vocabulary(), DAY))})
        run.sheet.say("scale", "compile", began["it"][0] * 1000, "ms", offers=count)
        plans[count] = compile_plan(run.offers[:count], vocabulary(), DAY)
    columns = columns_from(run.companies(most))
    per_pair = {}
    rows = 1000
    while rows <= most:
        part = columns.slice(0, rows)
        with one_core():
            seconds = interleaved(
                run.rounds if rows < 1_000_000 else min(run.rounds, 3),
                {
                    str(count): Timed(lambda _, p=plan, c=part: evaluate_plan(p, c, compiled=False))
                    for count, plan in plans.items()
                },
            )
        for count in plans:
            per_pair[rows, count] = statistics.median(seconds[str(count)]) / rows / count * 1e9
            run.sheet.say("scale", "ours, per pair", per_pair[rows, count], "ns", companies=rows, offers=count)
        growth = statistics.median(a / b for a, b in zip(seconds["1000"], seconds["500"], strict=True))
        last = rows == most
        run.sheet.say("scale", "1000 offers / 500", growth, "x", goal="<= 1.7" if last else None, companies=rows)
        rows *= 10
    if most > 100_000:
        run.sheet.say(
            "scale",
            f"per pair at {most:,} / at 100,000",
            per_pair[most, 500] / per_pair[100_000, 500],
            "x",
            goal="<= 1.3",
        )
    peak = peak_bytes(lambda: evaluate_plan(plans[500], columns, compiled=False))
    if peak is None:
        run.sheet.note("scale", "this system does not tell the peak of memory")
        return
    run.sheet.say(
        "scale", "peak beside the columns / the 2-bit result", peak / (most * 500 / 4), "x", goal="<= 1.8",
        companies=most, offers=500, mib=round(peak / 2**20), columns_mib=round(columns.nbytes / 2**20),
    )  # fmt: skip

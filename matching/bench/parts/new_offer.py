"""One newly published offer × many companies whose columns are in memory, beside SQL on PostgreSQL."""

import statistics
import time

from matching.bench.bench_run import BenchRun
from matching.bench.measuring import Timed, interleaved, ratios
from matching.bench.ours import columns_from
from matching.bench.workload import DAY, vocabulary
from matching.engine.plan import compile_plan, evaluate_plan
from matching.engine.plan.bits import places_of
from policies.rules import Verdict

_RULES = 8


def measure(run: BenchRun) -> None:
    """The companies for which each of eight rules is true: compiled and evaluated by us, and asked of PostgreSQL."""
    import psycopg

    from matching.bench.peers import postgres_peer

    rows = run.sized(100_000, 1_000_000, 1_000_000)
    companies = run.companies(rows)
    columns = columns_from(companies)

    def ours(at: int) -> list[int]:
        plan = compile_plan([run.offers[at]], vocabulary(), DAY)
        bits = evaluate_plan(plan, columns).bits(0, Verdict.ELIGIBLE)
        return places_of(bits, rows).tolist()

    with postgres_peer.private_server() as address, psycopg.connect(address) as connection:
        postgres_peer.fill(connection, companies)

        def theirs(at: int) -> list[int]:
            return [row for (row,) in connection.execute(postgres_peer.query_of(run.rules[at])).fetchall()]

        clocks = {"": time.perf_counter, ", processor time": postgres_peer.processor_time(connection)}
        times: dict[str, list[tuple[float, float]]] = {kind: [] for kind in clocks}
        wrong = 0
        for at in range(_RULES):
            for kind, clock in clocks.items():
                runs = {"ours": Timed(lambda _, n=at: ours(n)), "postgres": Timed(lambda _, n=at: theirs(n))}
                seconds = interleaved(min(run.rounds, 5), runs, clock=clock)
                times[kind].append((statistics.median(seconds["ours"]), ratios(seconds, "ours")["postgres"][0]))
            wrong += len(set(ours(at)).symmetric_difference(theirs(at)))
    say = run.sheet.say
    for kind, each in times.items():
        say("new_offer", f"ours{kind}", statistics.median(seconds for seconds, _ in each) * 1000, "ms", companies=rows)
        found = [ratio for _, ratio in each]
        # The server may use every core, we use one; on a busy machine only the processor time says much.
        goal = ">= 40" if not kind else None
        say(
            "new_offer", f"postgres / ours{kind}", statistics.median(found), "x", goal=goal, companies=rows, rules=_RULES,
            low=round(min(found), 1), high=round(max(found), 1),
        )  # fmt: skip
    say("new_offer", "postgres: other answers than ours", wrong, "companies", of=rows * _RULES)

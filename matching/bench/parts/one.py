"""One company × 500 offers, with the status of every node, and explanations as JSON."""

import statistics

from matching.bench.bench_run import BenchRun
from matching.bench.measuring import Timed, interleaved, one_core
from matching.bench.workload import DAY, vocabulary
from matching.engine.plan import compile_plan, evaluate_profile, explain
from policies.rules import Situation, verdict_of

OFFERS = 500


def measure(run: BenchRun) -> None:
    """Microseconds per company, the ratio of zen-engine's bare answers, and what explanations cost beside it."""
    from matching.bench.peers import zen_peer

    sample = run.sized(50, 200, 500)
    companies = run.companies(1000)
    offers, plan = run.offers[:OFFERS], compile_plan(run.offers[:OFFERS], vocabulary(), DAY)
    profiles = [companies.profile(row) for row in range(sample)]
    compiled, contexts = zen_peer.compile_rules(run.rules[:OFFERS]), zen_peer.contexts_of(companies, sample)
    evaluate_profile(plan, profiles[0])
    with one_core():
        run.compare(
            "one",
            {
                "ours": Timed(lambda _: [evaluate_profile(plan, profile) for profile in profiles]),
                "zen": Timed(lambda _: [compiled.evaluate(context) for context in contexts]),
            },
            {"zen": ">= 5"},
            companies=sample,
            offers=OFFERS,
        )
        seconds = interleaved(
            run.rounds,
            {
                "statuses": Timed(lambda _: [evaluate_profile(plan, profile) for profile in profiles]),
                "explained": Timed(
                    lambda _: [explain(evaluate_profile(plan, profile), profile) for profile in profiles]
                ),
            },
        )
        few = profiles[: max(sample // 50, 1)]
        reference = interleaved(
            1,
            {
                "it": Timed(
                    lambda _: [verdict_of(offer, Situation(vocabulary(), p, DAY)) for p in few for offer in offers]
                )
            },
        )["it"][0]
    statuses, explained = (statistics.median(seconds[name]) for name in ("statuses", "explained"))
    say = run.sheet.say
    say("one", "statuses of every node", statuses / sample * 1e6, "µs", offers=OFFERS)
    say("one", "with explanations of eligible and undetermined", explained / sample * 1e6, "µs", offers=OFFERS)
    # Medians of the rounds' own ratios, as everywhere.
    ratio = statistics.median(a / b for a, b in zip(seconds["explained"], seconds["statuses"], strict=True))
    size = statistics.median(len(explain(evaluate_profile(plan, profile), profile)) for profile in profiles)
    say("one", "with explanations / statuses", ratio, "x", goal="<= 5", bytes=int(size))
    say("one", "reference evaluator, verdicts alone / ours", reference / len(few) / (statuses / sample), "x")

"""Whether the ways to a verdict agree: the reference evaluator, the plan over columns, and one company at a time."""

import time
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from matching.bench.bench_run import BenchRun
from matching.bench.ours import ANSWER_OF_CODE, columns_from
from matching.bench.rich import reference_verdicts, rich_offers, rich_profiles, rich_vocabulary
from matching.bench.workload import (
    DAY,
    Companies,
    Denied,
    Every,
    Node,
    Some,
    Test,
    criteria_of,
    draw_companies,
    rule_text,
    vocabulary,
)
from matching.engine.plan import VERDICTS, columns_of, compile_plan, evaluate_plan, evaluate_profile
from policies.rules import Situation, Truth, Verdict, evaluate_expression, parse_expression, verdict_of

OFFERS = 500
_RICH_OFFERS = 100
_RICH_SHARE = 20
"""One pair in so many is of the whole language: the reference evaluator takes longer there."""
_WHOLE = 5
_ANSWERS = {Truth.NO: 0, Truth.UNKNOWN: 1, Truth.YES: 2}
_ANSWER_OF_VERDICT = {Verdict.INELIGIBLE: 0, Verdict.UNDETERMINED: 1, Verdict.ELIGIBLE: 2}


def measure(run: BenchRun) -> None:
    """Mismatches on generated pairs.

    The reference evaluator needs a tenth of a second for 500 offers. So it judges each distinct criterion of each
    company, and trees are joined by the plainest Kleene arithmetic here (the least, the greatest, two minus); for a few
    companies it judges the whole offers as well. Other companies than in the other parts, most beside a threshold.
    """
    pairs = run.pairs or run.sized(100_000, 2_000_000, 10_000_000)
    rows = max(pairs // OFFERS, 1)
    companies = draw_companies(rows, seed=29)
    beside_thresholds(companies)
    plan = compile_plan(run.offers[:OFFERS], vocabulary(), DAY)
    began = time.perf_counter()
    result = evaluate_plan(plan, columns_from(companies))
    reference = judged_by_reference(run.rules[:OFFERS], companies)
    wrong = sum(int((ANSWER_OF_CODE[result.verdicts(at)] != answers).sum()) for at, answers in enumerate(reference))
    say = run.sheet.say
    say("agreement", "plan / reference: mismatches", wrong, "pairs", goal="<= 0", of=rows * OFFERS)
    sample = min(rows, 2000)
    one = np.stack([ANSWER_OF_CODE[evaluate_profile(plan, companies.profile(row)).verdicts] for row in range(sample)])
    wrong = int((reference[:, :sample] != one.T).sum())
    say("agreement", "one company / reference: mismatches", wrong, "pairs", goal="<= 0", of=sample * OFFERS)
    few = np.linspace(0, rows - 1, min(_WHOLE, rows)).astype(int)
    wrong = 0
    for row in few:
        situation = Situation(vocabulary(), companies.profile(int(row)), DAY)
        for at, offer in enumerate(run.offers[:OFFERS]):
            wrong += verdict_of(offer, situation) is not VERDICTS[result.verdicts(at)[row]]
    say(
        "agreement",
        "plan / whole offers by the reference: mismatches",
        wrong,
        "pairs",
        goal="<= 0",
        of=len(few) * OFFERS,
    )
    _whole_language(run, max(pairs // _RICH_SHARE, 1000))
    say("agreement", "time", time.perf_counter() - began, "s")


def _whole_language(run: BenchRun, pairs: int) -> None:
    """Fewer pairs, but of offers that use everything that can be written."""
    words, offers = rich_vocabulary(), rich_offers(_RICH_OFFERS)
    companies = draw_companies(max(pairs // _RICH_OFFERS, 1), seed=37)
    beside_thresholds(companies)
    for name in ("money_00", "money_01"):
        companies.values[name][::17] = 0  # quotients over zero, which people have to judge
    profiles = list(rich_profiles(companies))
    plan = compile_plan(offers, words, DAY)
    result = evaluate_plan(plan, columns_of(words, profiles))
    found = np.stack([result.verdicts(at) for at in range(len(offers))])
    by_plan = by_one = 0
    seen: Counter[str] = Counter()
    for row, profile in enumerate(profiles):
        wanted = reference_verdicts(offers, Situation(words, profile, DAY))
        codes = np.array([VERDICTS.index(verdict) for verdict in wanted])
        by_plan += int((found[:, row] != codes).sum())
        by_one += int((evaluate_profile(plan, profile).verdicts != codes).sum())
        seen.update(verdict.value for verdict in wanted)
    more = {"of": len(profiles) * len(offers), **seen}
    run.sheet.say("agreement", "whole language: plan / reference: mismatches", by_plan, "pairs", goal="<= 0", **more)
    run.sheet.say(
        "agreement", "whole language: one company / reference: mismatches", by_one, "pairs", goal="<= 0", **more
    )


def beside_thresholds(companies: Companies) -> None:
    """Move a third of all figures onto a threshold of their fact, or one unit beside it."""
    from matching.bench.workload import THRESHOLDS, facts

    chance = np.random.default_rng(31)
    for name, kind in facts().items():
        if kind in THRESHOLDS:
            moved = companies.known[name] & (chance.random(companies.rows) < 0.33)
            lines = chance.choice(np.array(THRESHOLDS[kind]), companies.rows) + chance.integers(-1, 2, companies.rows)
            companies.values[name][moved] = lines[moved]


def judged_by_reference(rules: list[Node], companies: Companies) -> NDArray[np.int8]:
    """0, 1, 2 for false, open, true: rules × companies."""
    words = vocabulary()
    tests = list(dict.fromkeys(test for rule in rules for test in criteria_of(rule)))
    expressions = [parse_expression(rule_text(test), words) for test in tests]
    truths = np.empty((len(tests), companies.rows), np.int8)
    for row in range(companies.rows):
        situation = Situation(words, companies.profile(row), DAY)
        truths[:, row] = [_ANSWERS[evaluate_expression(when, situation)] for when in expressions]
    by_test = dict(zip(tests, truths, strict=True))
    return np.stack([_joined(rule, by_test) for rule in rules])


def _joined(node: Node, by_test: dict[Test, NDArray[np.int8]]) -> NDArray[np.int8]:
    match node:
        case Every(of):
            return np.minimum.reduce([_joined(part, by_test) for part in of])
        case Some(of):
            return np.maximum.reduce([_joined(part, by_test) for part in of])
        case Denied(of):
            return 2 - _joined(of, by_test)
    return by_test[node]

"""What the caches allow: bytes that the distinct work must touch, over the bandwidth measured here."""

import statistics
import time

import numpy as np

from matching.bench.bench_run import BenchRun
from matching.bench.measuring import Timed, interleaved, one_core
from matching.bench.ours import columns_from
from matching.bench.workload import DAY, Denied, Every, Node, Some, Test, criteria_of, facts, vocabulary
from matching.engine.plan import compile_plan, evaluate_plan

# Bytes in which a column of the kind can be kept.
_WIDTHS = {"money": 8, "whole": 4, "ratio": 4, "day": 4, "yes_no": 1 / 8, "one_of": 1, "many_of": 1 / 8}
_TWO_ROWS = 2 * 3 / 8
"""Bytes per company that one operation on two rows of bits moves: two read, one written, both rows."""


def measure(run: BenchRun) -> None:
    """The model's time for 500 offers, and how many times longer ours takes."""
    rows = run.sized(100_000, 1_000_000, 1_000_000)
    rules = run.rules[:500]
    tests, steps = distinct_work(rules)
    test_bytes = sum(_WIDTHS[facts()[name]] + 1 / 8 for name, _, _ in tests)
    step_bytes = steps * _TWO_ROWS
    columns, plan = columns_from(run.companies(rows)), compile_plan(run.offers[:500], vocabulary(), DAY)
    with one_core():
        near, far = _bandwidth(2**18), _bandwidth(2**22)
        seconds = interleaved(
            min(run.rounds, 3),
            {
                "ours": Timed(lambda _: evaluate_plan(plan, columns, compiled=False)),
                "ours, compiled": Timed(lambda _: evaluate_plan(plan, columns, compiled=True)),
            },
        )
    # Columns of a block lie in the outer cache, rows of bits in the inner one.
    limit = rows * (test_bytes / far + step_bytes / near)
    say = run.sheet.say
    say("limit", "inner cache", near / 1e9, "GB/s")
    say("limit", "outer cache", far / 1e9, "GB/s")
    say("limit", "distinct tests", len(tests), "tests", bytes_per_company=round(test_bytes))
    say("limit", "two-row steps of criteria and trees", steps, "steps", bytes_per_company=round(step_bytes))
    say("limit", "in-cache limit", limit * 1000, "ms", companies=rows, offers=500)
    for name, goal in (("ours", "<= 6"), ("ours, compiled", "<= 2")):
        ours = statistics.median(seconds[name])
        say("limit", name, ours * 1000, "ms", companies=rows, offers=500)
        say("limit", f"{name} / in-cache limit", ours / limit, "x", goal=goal, companies=rows, offers=500)


def distinct_work(rules: list[Node]) -> tuple[set[tuple[str, str, int]], int]:
    """The distinct comparisons with one constant, and the steps that join two rows, each shared part counted once."""
    tests = {one for rule in rules for test in criteria_of(rule) for one in _elementary(test)}
    steps = 0
    for test in {test for rule in rules for test in criteria_of(rule)}:
        steps += max(len(test.values), 1)  # joins of the members or ends, and the row of what is known
    seen: set[Node] = set()
    for rule in rules:
        steps += _joins(rule, seen)
    return tests, steps


def _elementary(test: Test) -> list[tuple[str, str, int]]:
    if test.sign in ("yes", "no"):
        return [(test.fact, "is", 1)]
    sign = ">=" if test.sign in (">=", "<", "between") else "is"
    return [(test.fact, sign, value) for value in test.values]


def _joins(node: Node, seen: set[Node]) -> int:
    if isinstance(node, Test) or node in seen:
        return 0
    seen.add(node)
    if isinstance(node, Denied):
        return _joins(node.of, seen)
    assert isinstance(node, Every | Some), node
    return len(node.of) - 1 + sum(_joins(part, seen) for part in node.of)


def _bandwidth(size: int) -> float:
    """Bytes read and written per second by copies within a piece of memory of this size."""
    source, target = np.ones(size // 16), np.zeros(size // 16)
    times = []
    for _ in range(9):
        began = time.process_time()
        for _ in range(2**26 // size):
            np.copyto(target, source)
        times.append((time.process_time() - began) / (2**26 // size))
    return size / statistics.median(times)

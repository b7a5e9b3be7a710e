"""Storms over both editions: what was lost and doubled, and how soon everything was done; a broker frozen, full and flooded."""

import os
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from matching.bench.bench_run import BenchRun
from matching.bench.storm.broker_troubles import Trouble, frozen, full, ring_often, sent_during
from matching.bench.storm.counting import Outcome
from matching.bench.storm.running import Plan, run_storm
from matching.bench.storm.stages import Stage, embedded, served

LEASE = 8
Open = Callable[..., AbstractContextManager[Stage]]


def measure(run: BenchRun) -> None:
    """Each edition through its seeds, then once more with frozen workers and, served, a database that crashes."""
    # Asked to end, it ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    jobs, faults = run.sized(60, 300, 1000), run.sized(6, 15, 32)
    seeds = run.sized(1, 1, 3)
    for edition in (embedded, served):
        for seed in range(1, seeds + 1):
            plan = Plan(jobs=jobs, faults=faults, seed=seed, poison=max(jobs // 200, 1))
            _one(run, edition, plan, "")
        crashes = run.sized(1, 2, 5)
        plan = Plan(
            jobs=jobs, faults=faults, seed=seeds + 1, poison=max(jobs // 200, 1), freezes=crashes,
            crashes=crashes,
        )  # fmt: skip
        _one(run, edition, plan, ", freezes and crashes" if edition is served else ", freezes")
        _troubles(run, edition)


def _pauses(run: BenchRun) -> float:
    # The real ones take three minutes, of which a quick look has none.
    return float(run.size != "quick")


def _one(run: BenchRun, edition: Open, plan: Plan, more: str) -> None:
    with tempfile.TemporaryDirectory(prefix="changce-storm-") as folder:
        try:
            with edition(Path(folder), lease=LEASE, sweep=1.0, pauses=_pauses(run)) as stage:
                outcome = run_storm(stage, plan)
        except (TimeoutError, RuntimeError) as fault:
            run.sheet.note("storm", f"{edition.__name__}, seed {plan.seed}{more}: {fault}")
            return
    _say(run, f"{edition.__name__}{more}", plan, outcome)


def _say(run: BenchRun, name: str, plan: Plan, found: Outcome) -> None:
    more: dict[str, Any] = {
        "jobs": plan.jobs, "seed": plan.seed, "faults": dict(found.faults), "load": round(os.getloadavg()[0], 1),
    }  # fmt: skip

    def say(what: str, value: float, unit: str, goal: str | None = None, **others: Any) -> None:
        run.sheet.say("storm", f"{name}, seed {plan.seed}: {what}", value, unit, goal=goal, **more, **others)

    say("faults", sum(found.faults.values()), "", f">= {plan.faults}")
    say("accepted", found.accepted, "jobs", f">= {plan.jobs}", without_answer=found.unanswered)
    say("lost", found.lost, "jobs", "<= 0")
    say("doubled", found.doubled, "jobs", "<= 0")
    say("run again", found.reruns, "jobs", fenced=found.fenced)
    say("poison not set aside", found.poison - found.set_aside, "jobs", "<= 0", poison=found.poison)
    say("healthy set aside", found.wrongly_set_aside, "jobs", "<= 0")
    say("refused", found.refused, "answers", None if plan.crashes else "<= 0")
    say("slowest answer", found.slowest, "s")
    say("all done after", found.converged, "s", "<= 60", poison_after=round(found.poison_after, 1))
    say("events missing", found.events_missing, "events", "<= 0", events=found.events, deliveries=found.deliveries)
    say("events doubled", found.events_doubled, "events", "<= 0", told_after=round(found.told_after, 1))
    say("bad signatures or redirects followed", found.bad_signatures + found.redirects_followed, "letters", "<= 0")
    say("database damaged", float(found.integrity != "ok"), "", "<= 0", tracebacks=found.tracebacks)


def _troubles(run: BenchRun, edition: Open) -> None:
    jobs, seconds = run.sized(20, 100, 200), run.sized(6, 30, 60)
    with (
        tempfile.TemporaryDirectory(prefix="changce-storm-") as folder,
        edition(Path(folder), lease=LEASE, sweep=1.0, pauses=_pauses(run)) as stage,
    ):
        for name, trouble in (("frozen", frozen), ("full", full)):
            found = sent_during(trouble, stage, jobs=jobs, seconds=seconds, name=name.capitalize())
            _say_trouble(run, f"{edition.__name__}, broker {name} {seconds} s", found)
        bells = run.sized(1_000, 10_000, 100_000)
        gone = ring_often(stage, bells)
        doubled = stage.rows("SELECT count(*) - count(DISTINCT request_id) FROM matching_matchreport")[0][0]
        run.sheet.say("storm", f"{edition.__name__}, {bells} bells: gone after", gone, "s", goal="<= 299")
        run.sheet.say("storm", f"{edition.__name__}, {bells} bells: doubled", doubled, "jobs", goal="<= 0")


def _say_trouble(run: BenchRun, name: str, found: Trouble) -> None:
    more = {"jobs": found.sent, "load": round(os.getloadavg()[0], 1)}

    def say(what: str, value: float, unit: str, goal: str | None = None) -> None:
        run.sheet.say("storm", f"{name}: {what}", value, unit, goal=goal, **more)

    say("refused", found.refused, "answers", "<= 0")
    say("accepted within, 99 of 100", found.p99, "s", "<= 1")
    say("pages refused", found.pages_refused, "pages", "<= 0")
    say("slowest page", found.slowest_page, "s")
    say("lost or doubled", found.lost + found.doubled, "jobs", "<= 0")
    say("all done after", found.done_after, "s", "<= 60")

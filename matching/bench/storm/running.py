"""One storm: requests and faults together, then quiet, then the count."""

import contextlib
import json
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import psycopg

from matching.bench.storm.counting import Outcome, counted, unfinished, untold
from matching.bench.storm.receiver import Receiver, a_receiver
from matching.bench.storm.senders import Partner, Sent, Traffic, companies_of, requests_of, send_all
from matching.bench.storm.stages import Served, Stage


@dataclass(frozen=True, slots=True)
class Plan:
    """How large a storm is; the same seed draws the same faults."""

    jobs: int
    faults: int
    seed: int
    poison: int = 1
    freezes: int = 0
    crashes: int = 0
    """Of the database; only where it is a server."""
    companies: int = 20
    senders: int = 8
    quiet: float = 60.0
    """Seconds in which everything has to be done after the storm; waited for twice as long, so that a miss is counted."""


def drawn_faults(plan: Plan, stage: Stage) -> list[tuple[int, str]]:
    """What happens, and after how many answered requests: every kind in turn, spread over the whole storm."""
    dice = Random(plan.seed)
    usual = ["kill worker", "kill child", "kill web", "kill beat", "kill webhooks", "kill broker", "empty broker"]
    names = ["freeze worker"] * plan.freezes + (["crash database"] * plan.crashes if isinstance(stage, Served) else [])
    others = plan.faults - len(names)
    # Workers are what a storm is about: half of the rest.
    while others > 0:
        round_ = ["kill worker", "kill child", "kill worker", *usual]
        dice.shuffle(round_)
        names += round_[:others]
        others -= len(round_)
    dice.shuffle(names)
    step = plan.jobs / (len(names) + 1)
    return [(int(step * (number + 1)), name) for number, name in enumerate(names)]


def run_storm(stage: Stage, plan: Plan, say: Callable[[str], None] = lambda _: None) -> Outcome:
    """Everything, on a stage that runs already; raises TimeoutError when the service stops answering for minutes."""
    with a_receiver(plan.seed) as receiver:
        traffic, dice = Traffic(), Random(plan.seed)
        partner = Partner(stage.port, key_of(stage), traffic)
        companies, poisoned = companies_of(partner, plan.companies)
        _listen(partner, receiver)
        requests = requests_of(companies, poisoned, plan.jobs, plan.poison, dice)
        finish = send_all(partner, requests, rate=stage.rate, threads=plan.senders, dice=dice)
        faults = _storm(stage, plan, traffic, say)
        finish()
        stage.freezer.thaw(all_of_them=True)
        outcome = _quiet(stage, plan, requests, receiver)
    outcome.refused, outcome.unanswered, outcome.slowest = traffic.refused, traffic.unanswered, traffic.slowest
    outcome.faults.update(faults)
    return outcome


def key_of(stage: Stage, name: str = "Storm") -> str:
    """A new key for the partner of this name, which may send companies."""
    scopes = ("--scope", "companies", "--scope", "webhooks", "--scope", "catalogue")
    return stage.manage("api_key", name, "--contact", "storm@example.com", *scopes).split()[-1]


def _listen(partner: Partner, receiver: Receiver) -> None:
    asked = {"url": receiver.url, "kinds": ["match.done"]}
    made, _seconds = partner.insist("/api/v1/webhooks", asked, "the-endpoint")
    receiver.secret = made["secret"]


def _storm(stage: Stage, plan: Plan, traffic: Traffic, say: Callable[[str], None]) -> list[str]:
    dice, done = Random(plan.seed + 1), []
    # Three times as long as the requests take at their rate: a service that answers nothing is found out later.
    end = time.monotonic() + 3 * plan.jobs / stage.rate + 60
    for when, name in drawn_faults(plan, stage):
        while traffic.answered < when and time.monotonic() < end:
            time.sleep(0.05)
        say(json.dumps({"fault": name, "after": traffic.answered}))
        _do(name, stage, dice)
        done.append(name)
        time.sleep(1.0)
    return done


def _do(name: str, stage: Stage, dice: Random) -> None:
    worker = dice.choice(stage.workers)
    if name in ("kill worker", "kill child", "freeze worker"):
        _wait_for_work_in_hand(stage)
    match name:
        case "kill worker":
            stage.kill(worker)
        case "kill child":
            stage.kill_child(worker, dice)
        case "freeze worker":
            stage.freeze(worker, stage.lease * 1.5)
        case "kill web":
            stage.kill("web")
        case "kill webhooks":
            stage.kill("webhooks")
        case "kill beat":
            # One of two, or all of them.
            for beat in dice.choice([stage.beats, stage.beats[:1]]):
                stage.kill(beat)
        case "kill broker":
            stage.kill("redis" if isinstance(stage, Served) else "broker")
        case "empty broker":
            stage.empty_broker()
        case "crash database" if isinstance(stage, Served):
            stage.database.crash(dice.uniform(0.2, 1.5))
        case _:
            raise ValueError(name)


def _wait_for_work_in_hand(stage: Stage) -> None:
    """For a moment: a worker that is hit while idle shows nothing."""
    end = time.monotonic() + 2.0
    while time.monotonic() < end:
        # The database may be the one that lies down just now.
        with contextlib.suppress(psycopg.Error, sqlite3.Error):
            if stage.rows("SELECT 1 FROM matching_matchrequest WHERE state = 'running' LIMIT 1"):
                return
        time.sleep(0.02)


def _quiet(stage: Stage, plan: Plan, requests: list[Sent], receiver: Receiver) -> Outcome:
    """Wait for the end of everything, but not for ever; then count."""
    began = time.monotonic()
    converged = _seconds_until(lambda: not unfinished(stage, requests, poison=False), 2 * plan.quiet, began)
    told_after = _seconds_until(lambda: not untold(stage, receiver), 2 * plan.quiet, began)
    # Five leases and the pauses between the attempts, from the first one on.
    poison_after = _seconds_until(lambda: not unfinished(stage, requests, poison=True), 600, began)
    outcome = counted(stage, requests, receiver)
    outcome.converged, outcome.poison_after, outcome.told_after = converged, poison_after, told_after
    return outcome


def _seconds_until(is_so: Callable[[], bool], longest: float, began: float) -> float:
    end = time.monotonic() + longest
    while not is_so() and time.monotonic() < end:
        time.sleep(0.25)
    return time.monotonic() - began

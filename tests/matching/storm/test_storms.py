"""Short storms over the whole service, on both databases: whatever is killed, frozen or emptied, every match is done once."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from matching.bench.storm.broker_troubles import frozen, full, ring_often, sent_during
from matching.bench.storm.running import Plan, drawn_faults, run_storm
from matching.bench.storm.stages import Stage, embedded, served

pytestmark = [pytest.mark.slow, pytest.mark.stack, pytest.mark.own_database, pytest.mark.xdist_group("stack")]


@pytest.fixture(scope="module", params=[embedded, served], ids=["embedded", "served"])
def stage(request):
    """A running service of its own; the broker answers when a test begins."""
    # Not in pytest's own folder: a unix socket's path is short, and PostgreSQL's user has to reach its folder.
    with (
        tempfile.TemporaryDirectory(prefix="changce-st-") as folder,
        request.param(Path(folder), lease=2, sweep=0.5, pauses=0.0) as running,
    ):
        yield running


def test_every_accepted_match_is_done_once_and_told_once_whatever_is_killed(stage: Stage):
    plan = Plan(jobs=48, faults=6, seed=7, freezes=1, crashes=1, companies=6)

    outcome = run_storm(stage, plan)

    assert sum(outcome.faults.values()) == 6
    assert (outcome.accepted, outcome.lost, outcome.doubled) == (48, 0, 0), outcome
    assert (outcome.poison, outcome.set_aside, outcome.wrongly_set_aside) == (1, 1, 0), outcome
    assert (outcome.events, outcome.events_missing, outcome.events_doubled) == (47, 0, 0), outcome
    assert (outcome.bad_signatures, outcome.redirects_followed, outcome.integrity) == (0, 0, "ok"), outcome


@pytest.mark.parametrize("trouble", [frozen, full])
def test_while_the_broker_is_in_trouble_nobody_is_refused_and_nothing_is_lost(stage: Stage, trouble):
    seen = sent_during(trouble, stage, jobs=12, seconds=4, name=trouble.__name__.capitalize())

    assert (seen.refused, seen.pages_refused) == (0, 0), seen
    assert seen.pages >= 3
    assert (seen.lost, seen.doubled) == (0, 0), seen


def test_bells_that_nobody_needs_do_nothing_and_are_gone_soon(stage: Stage):
    before = stage.rows("SELECT count(*) FROM matching_matchreport")

    ring_often(stage, 1_000)

    assert stage.broker().llen("celery") == 0
    assert stage.rows("SELECT count(*) FROM matching_matchreport") == before


def test_the_same_seed_draws_the_same_faults_and_every_kind_in_a_long_storm(stage: Stage):
    plan = Plan(jobs=1000, faults=30, seed=1, freezes=5, crashes=5)

    drawn = drawn_faults(plan, stage)

    assert drawn == drawn_faults(plan, stage) != drawn_faults(Plan(**{**_fields(plan), "seed": 2}), stage)
    assert len(drawn) == 30
    kinds = {name for _when, name in drawn}
    assert kinds >= {
        "kill worker",
        "kill child",
        "kill web",
        "kill beat",
        "kill webhooks",
        "kill broker",
        "empty broker",
    }
    assert ("crash database" in kinds) is (stage.edition == "served")


def _fields(plan: Plan) -> dict:
    return {name: getattr(plan, name) for name in plan.__dataclass_fields__}

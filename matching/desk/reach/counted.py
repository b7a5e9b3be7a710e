"""The reach of a version, counted or found again: what was counted is kept for as long as nothing it rests on changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from time import monotonic
from typing import Any

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

from companies.facts import Vocabulary
from matching.desk.reach.population import Population, Progress, VersionGone, state_of_population
from matching.engine.reach import Reach, ReachPlan, count_reach, plan_reach
from matching.snapshots import edition_of
from policies.desk.reading import VersionRead
from policies.models import PolicyVersion
from policies.rules import OfferText
from policies.rules.book import snapshot_digest
from policies.rules.readable import read_offers

log = structlog.get_logger(__name__)

_FORMAT = 1
"""Of what is kept; another number where its classes change."""
_KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Counted:
    """The numbers, with what they are of; without numbers, how much of the answers is there (None: nothing to count)."""

    plan: ReachPlan | None
    reach: Reach | None = None
    progress: Progress | None = None


def count_version(read: VersionRead, before: PolicyVersion | None, day: date) -> Counted:
    """The reach of what can be read of the version, against the version in force before it (or none)."""
    after = () if read.readable.policy is None else read.readable.policy.offers
    old = _offers_of(before, read)
    if not after and not old:
        return Counted(None)
    plan = plan_reach(after, old, read.vocabulary, read.lists, day)
    said = [read.version.digest, "" if before is None else before.digest, snapshot_digest(read.lists), day.isoformat()]
    return _counted(plan, read.vocabulary, said)


def _offers_of(version: PolicyVersion | None, read: VersionRead) -> tuple[OfferText, ...]:
    if version is None:
        return ()
    policy = read_offers(version.content, read.vocabulary, read.lists).policy
    return () if policy is None else policy.offers


def _counted(plan: ReachPlan, vocabulary: Vocabulary, said: list[str]) -> Counted:
    key = "reach-" + snapshot_digest([_FORMAT, *said, edition_of(vocabulary), *state_of_population()])
    there = kept(key)
    if there is not None:
        return Counted(plan, there)
    population = Population(vocabulary)
    try:
        progress = population.read_some()
        if not progress.is_ready:
            return Counted(plan, progress=progress)
        reach = _count(plan, population)
    except VersionGone:
        # A company was deleted meanwhile; the next try sees those that are left.
        return Counted(plan, progress=Progress(0, len(population.companies)))
    keep(key, reach)
    return Counted(plan, reach)


def _count(plan: ReachPlan, population: Population) -> Reach:
    began, reach = monotonic(), None
    for columns, everybody in population.columns(plan.facts):
        here = count_reach(plan, columns, everybody)
        reach = here if reach is None else reach + here
    log.info("reach_counted", companies=len(population.companies), seconds=round(monotonic() - began, 3))
    return reach if reach is not None else count_reach(plan, *population.nobody())


def kept(key: str) -> Reach | None:
    """What was counted under this key, if it is still there."""
    try:
        found: Any = cache.get(key)
    except (OSError, RedisError):  # without the cache it is counted anew each time
        return None
    return found if isinstance(found, Reach) else None


def keep(key: str, reach: Reach) -> None:
    """Keep what was counted for a day."""
    try:
        cache.set(key, reach, _KEPT_SECONDS)
    except (OSError, RedisError) as fault:
        log.warning("reach_not_kept", fault=type(fault).__name__)

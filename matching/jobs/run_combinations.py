"""What a run tells of best combinations: for companies that somebody watches, after their offers were compared.

A combination takes as long as a report, so not everybody's is made: of a million companies few are watched. Each step
of the run looks at some of them, and the next one goes on behind the last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from companies.models import Company, ProfileVersion
from matching.engine.bundles import combine_offers
from matching.engine.populations import read_part
from matching.engine.report import group_of
from matching.jobs.run_changes import rulebook_of, standings
from matching.models import Run, VerdictChange, Watch
from matching.rendering.money import from_low_to_high
from policies.rules import Situation, evaluate_offer, finding_to_plain
from policies.rules.book import Rulebook

STEP = 100


@dataclass(frozen=True, slots=True)
class Combined:
    """What a step found, and the last company it looked at."""

    changes: list[VerdictChange]
    up_to: int


def next_combinations(run: Run, before: Run | None, part_size: int, tick: Callable[[], None]) -> Combined | None:
    """The changes of the next watched companies; None when all were looked at, or there is nothing to compare with."""
    if before is None:
        return None
    companies = list(_to_look_at(run, before).order_by("pk").values_list("pk", flat=True)[:STEP])
    if not companies:
        return None
    was, now = (_versions(one, companies, part_size) for one in (before, run))
    profiles = ProfileVersion.objects.in_bulk({*was.values(), *now.values()})
    books = [rulebook_of(one) for one in (before, run)]
    changes = []
    for company in companies:
        # A company that was not there before has no differences: its whole result is new.
        if company in was and company in now and was[company] in profiles and now[company] in profiles:
            sides = [
                _best(books[0], before.day, profiles[was[company]]),
                _best(books[1], run.day, profiles[now[company]]),
            ]
            if sides[0] != sides[1]:
                changes.append(_row(run, before, company, sides, (was[company], now[company])))
        tick()
    return Combined(changes, companies[-1])


def _to_look_at(run: Run, before: Run) -> QuerySet[Company]:
    """Of the watched companies those whose offers changed; all where a rule or a document's standing may have done it."""
    watched = Company.objects.filter(pk__gt=run.combined_up_to, pk__in=Watch.objects.on().values("membership__company"))
    if before.release_id != run.release_id or standings(before) != standings(run):
        return watched
    return watched.filter(Exists(run.changes.filter(company=OuterRef("pk"))))


def _versions(run: Run, companies: list[int], part_size: int) -> dict[int, int]:
    """The profile version of each company that the run read."""
    wanted = set(companies)
    found = {}
    for stored in run.parts.filter(number__in={company // part_size for company in companies}):
        part = read_part(stored.content)
        pairs = zip(part.companies.tolist(), part.versions.tolist(), strict=True)
        found.update({company: version for company, version in pairs if company in wanted})
    return found


def _best(rules: Rulebook, day: date, version: ProfileVersion) -> dict[str, Any]:
    """What the company can best have at once on the day, at both ends of its amounts."""
    situation = Situation(rules.vocabulary, version.profile(rules.vocabulary), day)
    entries = []
    for offer in rules.offers:
        found = evaluate_offer(offer, situation)
        entries.append({**finding_to_plain(found), "id": offer.id, "group": group_of(found)})
    best = combine_offers(entries, rules.policies, situation)["now"]
    total = from_low_to_high(best)
    return {
        "offers": [one["id"] for one in best["low"]["offers"]],
        "otherwise": None if best["same"] else [one["id"] for one in best["high"]["offers"]],
        "low": total["low"],
        "high": total["high"],
        "open": total["high_open"],
    }


def _row(run: Run, before: Run, company: int, sides: list[dict[str, Any]], versions: tuple[int, int]) -> VerdictChange:
    return VerdictChange(
        run=run,
        company_id=company,
        offer="",
        before_combination=sides[0],
        after_combination=sides[1],
        before_version=versions[0],
        after_version=versions[1],
        by_profile=versions[0] != versions[1],
        by_release=before.release_id != run.release_id,
        by_day=before.day != run.day,
        by_engine=before.engine_version != run.engine_version,
    )

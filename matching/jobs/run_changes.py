"""What a run tells of the companies of a part: what is different for whom since the run before, and why."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from django.db import Error as DatabaseFault

from companies.models import PartnerCompany
from matching.engine.populations import Difference, Part, differences_between, read_part
from matching.jobs.leases import ReleaseUnreadable
from matching.models import Run, RunPart, VerdictChange, Watch
from policies import rulebook
from policies.rules.book import Rulebook, snapshot_digest
from policies.rules.windows import window_on

# A document that is over, or not yet in force: nobody can apply, whatever its window says.
OUT_OF_FORCE = ("ended", "not_yet")
_NONE = {"state": "ended"}  # where the offer was not there
_Windows = Mapping[str, tuple[dict[str, Any], dict[str, Any]]]


def changes_in(part: Part, run: Run, before: Run | None, number: int) -> list[VerdictChange]:
    """Rows for what changed since the run before; none for the first run."""
    stored = RunPart.objects.filter(run=before, number=number).first() if before is not None else None
    if before is None or stored is None:
        return []
    moved = _moved_windows(before, run)
    waiting = _waited_for(part) if moved else []
    found = differences_between(read_part(stored.content), part, moved=moved, waiting=waiting)
    return list(_as_rows(run, before, found, moved))


def _as_rows(run: Run, before: Run, differences: Iterator[Difference], moved: _Windows) -> Iterator[VerdictChange]:
    rewritten: dict[str, bool] = {}
    states = [_windows(rulebook_of(one), one.day) for one in (before, run)]
    for one in differences:
        if one.offer not in rewritten:
            rewritten[one.offer] = _is_rewritten(one.offer, before, run)
        windows = moved.get(one.offer, (None, None))
        yield VerdictChange(
            run=run,
            company_id=one.company,
            offer=one.offer,
            before="" if one.before is None else one.before.verdict.value,
            after="" if one.after is None else one.after.verdict.value,
            before_amount=None if one.before is None else one.before.amount(),
            after_amount=None if one.after is None else one.after.amount(),
            before_window=windows[0],
            after_window=windows[1],
            in_force=any(windows_then.get(one.offer, _NONE)["state"] not in OUT_OF_FORCE for windows_then in states),
            before_version=one.old_version,
            after_version=one.new_version,
            by_profile=one.old_version != one.new_version,
            by_release=rewritten[one.offer],
            by_day=before.day != run.day,
            by_engine=before.engine_version != run.engine_version,
        )


def _moved_windows(before: Run, run: Run) -> _Windows:
    """The offers whose window is another one than at the run before, with what it was and is."""
    was, now = _windows(rulebook_of(before), before.day), _windows(rulebook_of(run), run.day)
    return {offer: (was[offer], window) for offer, window in now.items() if offer in was and was[offer] != window}


def standings(run: Run) -> dict[str, str]:
    """Whether the document of each offer is in force on the day of the run."""
    return {offer.id: offer.edition.standing_on(run.day) for offer in rulebook_of(run).offers}


@lru_cache(maxsize=4)
def _windows(rules: Rulebook, day: date) -> dict[str, dict[str, Any]]:
    windows = {}
    for offer in rules.offers:
        one, standing = window_on(offer.window, day), offer.edition.standing_on(day)
        windows[offer.id] = (
            {"state": standing, "opens": None, "closes": None}
            if standing in OUT_OF_FORCE
            else {"state": one.state, "opens": _iso(one.opens), "closes": _iso(one.closes)}
        )
    return windows


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _waited_for(part: Part) -> list[int]:
    """The companies of the part that some partner may see, or of which a member wants to be told."""
    if not part.rows:
        return []
    first, last = int(part.companies[0]), int(part.companies[-1])
    seen = PartnerCompany.objects.in_force().filter(company__gte=first, company__lte=last)
    watched = Watch.objects.on().filter(membership__company__gte=first, membership__company__lte=last)
    return sorted({*seen.values_list("company", flat=True), *watched.values_list("membership__company", flat=True)})


def _is_rewritten(offer: str, before: Run, run: Run) -> bool:
    """Whether the offer, or a fact of the vocabulary, reads differently in the release of the later run."""
    if before.release_id == run.release_id:
        return False
    old, new = rulebook_of(before), rulebook_of(run)
    return old.offer(offer) != new.offer(offer) or _vocabulary_digest(old) != _vocabulary_digest(new)


@lru_cache(maxsize=4)
def _vocabulary_digest(rules: Rulebook) -> str:
    return snapshot_digest(rules.vocabulary.to_plain())


def rulebook_of(run: Run) -> Rulebook:
    """The rules of the run's release; raises ReleaseUnreadable."""
    try:
        return rulebook.of_release(run.release.number)
    except (DatabaseFault, OSError):
        raise
    except Exception as fault:
        raise ReleaseUnreadable(str(run.release.number)) from fault

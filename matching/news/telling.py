"""What changed and why, for whoever is told: found again from what the runs read, which never changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from companies.models import ProfileVersion
from matching.engine.because import criteria_changed, facts_changed
from matching.jobs.leases import ReleaseUnreadable
from matching.jobs.run_changes import rulebook_of
from matching.models import Run, VerdictChange
from policies.rules import OfferFinding, OfferText, Situation, evaluate_offer
from policies.rules.book import Rulebook

CAUSES = ("profile", "release", "day", "engine")
WITHOUT_BULK = [
    f"{run}{column}"
    for run in ("run__", "run__compared_with__")
    for column in ("members", "release__snapshot", "release__changes")
]
"""What telling does not need of the runs of a change, for `defer`."""


@dataclass(frozen=True, slots=True)
class Told:
    """A change with what it is about and what brought it about."""

    change: VerdictChange
    before: Side
    after: Side
    offer: OfferText | None
    """The offer as it is after the change or, where it has gone, as it was; None where its release cannot be read."""
    changed: list[str]
    """Which of verdict, amount, window and combination."""
    causes: list[str]
    """Which of CAUSES."""
    facts: list[str]
    """Asked by the offer, and answered anew."""
    criteria: list[dict[str, Any]]
    """As `criteria_changed` gives them."""

    @property
    def book(self) -> Rulebook | None:
        """The rules in which `offer` stands."""
        sides = (self.after, self.before)
        return next((side.book for side in sides if side.book is not None and side.text is not None), None)


def tell(changes: Iterable[VerdictChange]) -> list[Told]:
    """Each change with its causes; their runs come with `run__release` and `run__compared_with__release`."""
    changes = list(changes)
    read = {pk for one in changes for pk in (one.before_version, one.after_version) if pk is not None}
    versions = ProfileVersion.objects.in_bulk(read) if read else {}
    books = _Books()
    return [_told(one, versions, books) for one in changes]


class _Books:
    """The rules of the runs that are told of, each looked up once."""

    def __init__(self) -> None:
        self._by_release: dict[int, Rulebook | None] = {}

    def of(self, run: Run | None) -> Rulebook | None:
        """None for a run that is not there any more, or whose release this edition cannot read."""
        if run is None:
            return None
        number = run.release.number
        if number not in self._by_release:
            try:
                self._by_release[number] = rulebook_of(run)
            except ReleaseUnreadable:
                self._by_release[number] = None
        return self._by_release[number]


class Side:
    """How it stood before, or stands after: a run, and what it read: rules, day and profile version."""

    def __init__(self, run: Run | None, offer: str, version: ProfileVersion | None, books: _Books) -> None:
        self.run, self.offer, self.version, self.book = run, offer, version, books.of(run)

    @property
    def text(self) -> OfferText | None:
        """The offer in these rules."""
        return None if self.book is None else self.book.offer(self.offer)

    def plain(self) -> dict[str, Any]:
        """Day, and the numbers of release and profile version; None for what is not there any more."""
        run, version = self.run, self.version
        return {
            "day": None if run is None else run.day,
            "release": None if run is None else run.release.number,
            "profile": None if version is None else version.number,
        }

    def found(self, day: date | None = None) -> OfferFinding | None:
        """The offer's finding as it was then, or would have been on another day, made anew."""
        if self.run is None or self.version is None or self.book is None or self.text is None:
            return None
        profile = self.version.profile(self.book.vocabulary)
        return evaluate_offer(self.text, Situation(self.book.vocabulary, profile, day or self.run.day))


def _told(one: VerdictChange, versions: Mapping[int, ProfileVersion], books: _Books) -> Told:
    before = Side(one.run.compared_with, one.offer, versions.get(one.before_version or 0), books)
    after = Side(one.run, one.offer, versions.get(one.after_version or 0), books)
    facts = _facts(before, after)
    was, now = before.found(), after.found()
    causes = {
        # New answers to what the offer does not ask for did not cause it; of a combination, any may have.
        "profile": one.by_profile and (bool(facts) or one.after_version is None or not one.offer),
        "release": one.by_release,
        "engine": one.by_engine,
    }
    # A day passes between most runs: where something else was different too, it is named only if it does matter.
    causes["day"] = one.by_day and (not any(causes.values()) or _day_matters(was, before, after))
    return Told(
        change=one,
        before=before,
        after=after,
        offer=after.text or before.text,
        changed=_changed(one),
        causes=[cause for cause in CAUSES if causes[cause]],
        facts=facts,
        criteria=criteria_changed(was, now),
    )


def _day_matters(was: OfferFinding | None, before: Side, after: Side) -> bool:
    """Whether the old rules and answers come to something else on the new day."""
    then = None if was is None or after.run is None else before.found(after.run.day)
    if was is None or then is None:
        return False
    return any(getattr(was, what) != getattr(then, what) for what in ("verdict", "amount", "window", "standing"))


def _changed(one: VerdictChange) -> list[str]:
    sides = {
        "verdict": (one.before, one.after),
        "amount": (one.before_amount, one.after_amount),
        "window": (one.before_window, one.after_window),
        "combination": (one.before_combination, one.after_combination),
    }
    return [name for name, (before, after) in sides.items() if before != after]


def _facts(before: Side, after: Side) -> list[str]:
    book, offer = after.book, after.text
    if book is None or offer is None or before.version is None or after.version is None:
        return []
    old, new = (side.version.profile(book.vocabulary) for side in (before, after))  # type: ignore[union-attr]
    return facts_changed(offer, book.vocabulary, old, new)

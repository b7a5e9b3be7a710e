"""What is otherwise than in the report before, for reading: at a glance from what the requests were, and offer by offer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from matching.models import MatchReport
from matching.rendering import money, words
from matching.rendering.anchors import anchor_of
from matching.rendering.comparison import Cell, cell_of
from matching.rendering.words import Mark

CAUSES: Final[dict[str, str | Promise]] = {
    "profile": _("your answers"),
    "release": _("the policies"),
    "day": _("the day"),
    "engine": _("how it is worked out"),
}


@dataclass(frozen=True, slots=True)
class Glance:
    """The report before, which of its inputs were others, and the verdicts that are others in number."""

    report: MatchReport
    causes: list[str | Promise]
    counts: list[tuple[Mark, int, int]]


@dataclass(frozen=True, slots=True)
class Moved:
    """One offer that stands otherwise."""

    title: dict[str, str]
    anchor: str
    """Its place in the later report; nothing where that has no such offer."""
    before: Cell | None
    after: Cell | None
    windows: dict[str, dict[str, str]] | None
    criteria: list[tuple[dict[str, Any], Mark | None, Mark | None]]
    causes: list[str | Promise]


@dataclass(frozen=True, slots=True)
class Since:
    """All that is otherwise."""

    before: dict[str, Any]
    after: dict[str, Any]
    facts: list[dict[str, Any]]
    totals: list[tuple[str | Promise, str, str]]
    offers: list[Moved]


def glance_at(earlier: MatchReport, later: MatchReport) -> Glance:
    """From their requests and counts alone, which cost nothing to read; their requests are at hand."""
    old, new = earlier.request, later.request
    differ = {
        "profile": old.profile_version_id != new.profile_version_id,
        "release": old.release_id != new.release_id,
        "day": old.day != new.day,
        "engine": earlier.engine_version != later.engine_version,
    }
    return Glance(
        report=earlier,
        causes=[CAUSES[cause] for cause, other in differ.items() if other],
        counts=[
            (mark, earlier.counts.get(key, 0), later.counts.get(key, 0))
            for key, mark in words.GROUPS.items()
            if earlier.counts.get(key, 0) != later.counts.get(key, 0)
        ],
    )


def since_of(plain: Mapping[str, Any]) -> Since:
    """The differences that `engine.since` found."""
    totals = {"now": _("Best combination now"), "possible": _("Best combination of all that is still possible")}
    return Since(
        before=plain["before"],
        after=plain["after"],
        facts=plain["facts"],
        totals=[(totals[scope], _sum(pair["before"]), _sum(pair["after"])) for scope, pair in plain["totals"].items()],
        offers=[_moved(offer) for offer in plain["offers"]],
    )


def _sum(combination: Mapping[str, Any]) -> str:
    return money.total_in_short(money.from_low_to_high(combination)) if combination["candidates"] else "—"


def _moved(offer: Mapping[str, Any]) -> Moved:
    before, after = (None if offer[end] is None else cell_of(offer[end]) for end in ("before", "after"))
    return Moved(
        title=offer["title"],
        anchor="" if after is None else anchor_of(offer["id"]),
        before=before,
        after=after,
        windows=offer["windows"],
        criteria=[(one, _status(one["before"]), _status(one["after"])) for one in offer["criteria"]],
        causes=[CAUSES[cause] for cause in offer["causes"]],
    )


def _status(status: str | None) -> Mark | None:
    return None if status is None else words.STATUSES[status]

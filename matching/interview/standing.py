"""Where all offers stand while one answers: how much is decided, and what it may be worth. The same figures as in a report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from companies.facts import Profile
from matching.engine.report import make_report
from matching.rendering import money
from policies.rules.book import Rulebook


@dataclass(frozen=True, slots=True)
class Worth:
    """Offers that may be had together, and what they come to."""

    offers: int
    total: str
    to_confirm: int
    in_kind: int


@dataclass(frozen=True, slots=True)
class Standing:
    """The offers that one can apply for, by what is known of them."""

    offers: int
    decided: int
    eligible: int
    review: int
    ruled_out: int
    now: Worth | None
    """The best combination of what the company is eligible for; None where that is nothing."""
    possible: Worth | None
    """The best combination of all that nothing rules out yet."""

    @property
    def open(self) -> int:
        """Those that an answer can still decide."""
        return self.offers - self.decided


def standing_of(rulebook: Rulebook, profile: Profile, day: date) -> Standing:
    """How it stands with these answers; without routes and variants, so that a page can wait for it."""
    report = make_report(rulebook, profile, day, {}, compare=False, look_for_routes=lambda: False)
    counts = report["summary"]["counts"]
    offers = counts["offers"] - counts["ended"] - counts["not_yet"]
    return Standing(
        offers=offers,
        decided=offers - counts["undetermined"],
        eligible=counts["eligible"],
        review=counts["needs_review"],
        ruled_out=counts["ineligible"],
        now=_worth(report["combination"]["now"]),
        possible=_worth(report["combination"]["possible"]),
    )


def _worth(combination: dict[str, Any]) -> Worth | None:
    if not combination["candidates"]:
        return None
    high = combination["high"]
    total = money.total_in_short(money.from_low_to_high(combination))
    return Worth(len(high["offers"]), total, high["total"]["to_confirm"], high["total"]["in_kind"])

"""One report, ordered for reading: the text, the page and the file all walk over this."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from matching.engine.report import POSSIBLE
from matching.rendering import money, words
from matching.rendering.chart import Chart, chart_of
from matching.rendering.combination import Combination, combinations_of, roles_of
from matching.rendering.comparison import VariantLine, variants_of
from matching.rendering.dates import Due, Timeline, days_of, timeline_of
from matching.rendering.offers import OfferLines, offer_lines
from matching.rendering.parts import Parts, parts_of
from matching.rendering.steps import Step, steps_of
from matching.rendering.strength import Strength, strength_of
from matching.rendering.words import Mark

# What most readers look for; the rest of a long report is folded.
FOLDED = ("ineligible", "not_yet", "ended")


@dataclass(frozen=True, slots=True)
class Group:
    """The offers that share a verdict."""

    key: str
    mark: Mark
    offers: list[OfferLines]

    @property
    def is_folded(self) -> bool:
        """Whether the page shows the group only when it is asked for."""
        return self.key in FOLDED


@dataclass(frozen=True, slots=True)
class Worth:
    """A sum for the first screen, and what it leaves out; for a reader who is not shown amounts only how many offers."""

    offers: int
    together: int = 0
    """How many of them the sum is of, where not all can be had together."""
    total: str = ""
    low: str | None = None
    high: str | None = None
    to_confirm: int = 0
    in_kind: int = 0
    tax_saving: str | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """A report in reading order."""

    report: dict[str, Any]
    parts: Parts
    counts: list[tuple[str, Mark, int]]
    eligible: Worth
    possible: Worth
    combinations: list[Combination]
    steps: list[Step]
    due: list[Due]
    timeline: Timeline
    chart: Chart
    strength: Strength
    missing: list[dict[str, Any]]
    groups: list[Group]
    variants: list[VariantLine]


def outline_of(report: dict[str, Any]) -> Outline:
    """The reading order of a report; its words come in whatever language is active when they are shown."""
    offers = {offer["id"]: offer for offer in report["offers"]}
    counts, worth = report["summary"]["counts"], report["summary"]["worth"]
    eligible, possible = (sum(counts.get(key, 0) for key in keys) for keys in (("eligible",), POSSIBLE))
    combinations, roles = combinations_of(report, offers), roles_of(report)
    open_offers = [offer for offer in report["offers"] if offer["group"] in ("eligible", *POSSIBLE)]
    together = {combination.key: combination for combination in combinations}
    return Outline(
        report=report,
        parts=parts_of(report),
        counts=[(key, mark, counts[key]) for key, mark in words.GROUPS.items() if counts.get(key)],
        eligible=_worth(worth["eligible"], together.get("now")) if worth else Worth(eligible, eligible),
        possible=_worth(worth["possible"], together.get("possible")) if worth else Worth(possible, possible),
        combinations=combinations,
        steps=steps_of(report["offers"]),
        due=days_of(report, offers),
        timeline=timeline_of(report, open_offers),
        chart=chart_of(open_offers),
        strength=strength_of(report, open_offers),
        missing=[{**fact, "stake_said": _stake(fact.get("stake"))} for fact in report["missing"]],
        groups=[
            Group(
                group["group"],
                words.GROUPS[group["group"]],
                [offer_lines(offers[offer_id], report, roles.get(offer_id)) for offer_id in group["offers"]],
            )
            for group in report["groups"]
        ],
        variants=variants_of(report),
    )


def _stake(stake: dict[str, Any] | None) -> str:
    """The money that hangs on an answer; nothing where no document names any, or it comes to 0 either way."""
    if stake is None or (stake["low"] is None and stake["high"] is None):
        return ""
    if stake["high"] is not None and not Decimal(stake["high"]) and not stake["high_open"]:
        return ""
    return money.total_in_short(stake)


def _worth(worth: dict[str, Any], together: Combination | None) -> Worth:
    """What the best combination comes to, so that the first lines agree with it; without one, the sum of all."""
    total = worth["all"]
    if together is not None:
        return Worth(
            offers=total["offers"],
            together=together.together,
            total=together.total,
            low=together.low,
            high=together.high,
            to_confirm=together.to_confirm,
            in_kind=together.in_kind,
            tax_saving=together.tax_saving,
        )
    return Worth(
        offers=total["offers"],
        together=total["offers"],
        total=money.total_in_short(total),
        low=total["low"],
        high=total["high"],
        to_confirm=total["to_confirm"],
        in_kind=total["in_kind"],
        tax_saving=money.saving_in_short(worth["tax_saving"]),
    )

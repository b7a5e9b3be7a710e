"""One report, ordered for reading: the text, the page and the file all walk over this."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import log10
from typing import Any
from urllib.parse import urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from matching.engine.report import POSSIBLE
from matching.rendering import money, words
from matching.rendering.anchors import anchor_of
from matching.rendering.combination import Combination, combinations_of
from matching.rendering.comparison import VariantLine, variants_of
from matching.rendering.parts import Parts, parts_of
from matching.rendering.words import Mark

# The bars' scale: one step per power of ten, from ten thousand to ten billion CNY.
SMALLEST, STEPS = 10_000, 6


@dataclass(frozen=True, slots=True)
class Bar:
    """Where an amount's range lies on the common scale, in hundredths of its width; an open end is None."""

    start: float
    width: float
    low_open: bool
    high_open: bool


@dataclass(frozen=True, slots=True)
class Criterion:
    """One node of an offer's tree, with how deep it lies and what is under it."""

    depth: int
    finding: dict[str, Any]
    mark: Mark
    heading: str | Promise | dict[str, str]
    children: list["Criterion"]

    def walk(self) -> Iterator["Criterion"]:
        """The node and everything under it, from top to bottom."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def is_leaf(self) -> bool:
        """Whether it is a criterion itself, not a combination of others."""
        return not self.children

    @property
    def source_site(self) -> str:
        """The site of the source, for a link where no clause gives one its words."""
        return (urlsplit(self.finding["source"] or "").hostname or "").removeprefix("www.")

    @property
    def seen(self) -> list[dict[str, Any]]:
        """The facts it looked at, each with the words for where the value came from."""
        return [
            {**fact, "from": words.SOURCES.get(fact["source"], "") if fact["source"] else ""}
            for fact in self.finding["facts"]
        ]


@dataclass(frozen=True, slots=True)
class OfferLines:
    """One offer with everything the reader wants to know about it."""

    plain: dict[str, Any]
    policy: dict[str, Any]
    mark: Mark
    tree: Criterion | None
    missing: list[dict[str, Any]]
    amount_missing: list[dict[str, Any]]
    papers: list[dict[str, str]]
    bar: Bar | None

    @property
    def routes(self) -> list[dict[str, Any]]:
        """What it would take, the shortest way first; none in reports of an engine that did not look for it."""
        return (self.plain.get("route") or {}).get("routes", [])

    @property
    def no_route(self) -> dict[str, str] | None:
        """Why no way is shown, where one was looked for."""
        none = (self.plain.get("route") or {}).get("none")
        return none["said"] if none else None

    @property
    def anchor(self) -> str:
        """The place of the offer on the page."""
        return anchor_of(self.plain["id"])

    @property
    def amount(self) -> str:
        """The amount for a heading."""
        return money.amount_in_short(self.plain["amount"])

    @property
    def nature(self) -> str | Promise:
        """Whether it is money, a tax saving or something in kind."""
        return words.NATURES.get(self.plain["amount"]["nature"], "")

    @property
    def window(self) -> dict[str, str]:
        """When one can apply, in a few words."""
        return self.plain["window"]["said"]

    @property
    def standing(self) -> str | Promise:
        """Whether the document is in force on the day."""
        return words.STANDINGS.get(self.plain["standing"], "")

    @property
    def strength(self) -> str | Promise:
        """What the answer rests on."""
        return words.STRENGTHS.get(self.plain["strength"], "")

    @property
    def confidence(self) -> str | Promise:
        """How sure the source is."""
        return words.CONFIDENCES.get(self.plain["confidence"], "")

    @property
    def level(self) -> str | Promise:
        """Who gives it."""
        return words.LEVELS.get(self.policy["level"], "")


@dataclass(frozen=True, slots=True)
class Group:
    """The offers that share a verdict."""

    key: str
    mark: Mark
    offers: list[OfferLines]


@dataclass(frozen=True, slots=True)
class Worth:
    """A sum for the first screen, and what it leaves out; for a reader who is not shown amounts only how many offers."""

    offers: int
    together: int = 0
    """How many of them the sum is of, where not all can be had together."""
    total: str = ""
    to_confirm: int = 0
    in_kind: int = 0
    tax_saving: str | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A day to keep in mind, and the offer it belongs to."""

    day: str
    what_key: str
    """`opens` or `closes`."""
    what: str
    offer: dict[str, Any]

    @property
    def anchor(self) -> str:
        """The place of the offer on the page."""
        return anchor_of(self.offer["id"])


@dataclass(frozen=True, slots=True)
class Outline:
    """A report in reading order."""

    report: dict[str, Any]
    parts: Parts
    counts: list[tuple[str, Mark, int]]
    eligible: Worth
    possible: Worth
    combinations: list[Combination]
    due: list[Due]
    missing: list[dict[str, Any]]
    groups: list[Group]
    variants: list[VariantLine]


def outline_of(report: dict[str, Any]) -> Outline:
    """The reading order of a report; its words come in whatever language is active when they are shown."""
    offers = {offer["id"]: offer for offer in report["offers"]}
    counts, worth = report["summary"]["counts"], report["summary"]["worth"]
    eligible, possible = (sum(counts.get(key, 0) for key in keys) for keys in (("eligible",), POSSIBLE))
    combinations = combinations_of(report, offers)
    together = {combination.key: combination for combination in combinations}
    return Outline(
        report=report,
        parts=parts_of(report),
        counts=[(key, mark, counts[key]) for key, mark in words.GROUPS.items() if counts.get(key)],
        eligible=_worth(worth["eligible"], together.get("now")) if worth else Worth(eligible, eligible),
        possible=_worth(worth["possible"], together.get("possible")) if worth else Worth(possible, possible),
        combinations=combinations,
        due=[
            Due(due["day"], due["what"], _("closes") if due["what"] == "closes" else _("opens"), offers[due["offer"]])
            for due in report["summary"]["due"]
        ],
        missing=[{**fact, "stake_said": _stake(fact.get("stake"))} for fact in report["missing"]],
        groups=[
            Group(
                group["group"],
                words.GROUPS[group["group"]],
                [_offer_lines(offers[offer_id], report) for offer_id in group["offers"]],
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


def _offer_lines(offer: dict[str, Any], report: dict[str, Any]) -> OfferLines:
    known = {fact["fact"]: fact for fact in report["missing"]}
    amount = offer["amount"]
    return OfferLines(
        plain=offer,
        policy=report["policies"][offer["policy"]],
        mark=words.GROUPS[offer["verdict"]],
        tree=_tree(offer["finding"]) if offer["finding"] else None,
        missing=[known[name] for name in offer["missing"] if name in known],
        amount_missing=[known[name] for name in amount["missing"] if name in known and name not in offer["missing"]],
        papers=[report["papers"][key] for key in offer["papers"] if key in report["papers"]],
        bar=bar_of(amount["low"], amount["high"]),
    )


def _tree(finding: dict[str, Any], depth: int = 0) -> Criterion:
    heading: str | Promise | dict[str, str] = words.NODES.get(finding["kind"], "")
    if finding["kind"] == "at_least":
        heading = finding["sentence"]
    return Criterion(
        depth=depth,
        finding=finding,
        mark=words.STATUSES[finding["status"]],
        heading=heading,
        children=[_tree(child, depth + 1) for child in finding["children"]],
    )


def bar_of(low: str | None, high: str | None) -> Bar | None:
    """The bar of an amount on a scale of powers of ten; None when no end is known."""
    if low is None and high is None:
        return None
    start = _place(low) if low is not None else 0.0
    end = _place(high) if high is not None else 100.0
    # A single amount would have no width and could not be seen.
    return Bar(min(start, 98.0), max(round(end - start, 1), 2.0), low is None, high is None)


def _place(amount: str) -> float:
    value = float(Decimal(amount))
    if value <= SMALLEST:
        return 0.0
    return round(min(log10(value / SMALLEST) / STEPS, 1.0) * 100, 1)


def _worth(worth: dict[str, Any], together: Combination | None) -> Worth:
    """What the best combination comes to, so that the first lines agree with it; without one, the sum of all."""
    total = worth["all"]
    if together is not None:
        return Worth(
            offers=total["offers"],
            together=together.together,
            total=together.total,
            to_confirm=together.to_confirm,
            in_kind=together.in_kind,
            tax_saving=together.tax_saving,
        )
    return Worth(
        offers=total["offers"],
        together=total["offers"],
        total=money.total_in_short(total),
        to_confirm=total["to_confirm"],
        in_kind=total["in_kind"],
        tax_saving=money.saving_in_short(worth["tax_saving"]),
    )

"""One offer of a report for reading: its criteria as a tree, what it pays, by when, and its part in the best combination."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.utils.functional import Promise

from matching.rendering import money, words
from matching.rendering.anchors import anchor_of
from matching.rendering.combination import Role
from matching.rendering.words import Mark


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
    role: Role | None

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
    def instalments(self) -> list[tuple[dict[str, str], str]]:
        """When each part is paid, and how much of the amount it is, where it is paid in parts."""
        parts = self.plain["amount"].get("instalments", [])
        return [(part["when"], money.money_range(part["low"], part["high"])) for part in parts]

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


def offer_lines(offer: dict[str, Any], report: Mapping[str, Any], role: Role | None) -> OfferLines:
    """The offer with what the report says elsewhere about its facts, papers and policy."""
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
        role=role,
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

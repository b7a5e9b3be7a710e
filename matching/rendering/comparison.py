"""What-if variants of one company for reading: a line each, and against the present where an offer comes out otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matching.rendering import money, words
from matching.rendering.words import Mark


@dataclass(frozen=True, slots=True)
class Cell:
    """What comes of one offer in one variant."""

    mark: Mark
    amount: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One offer that comes out otherwise than now."""

    title: dict[str, str]
    now: Cell
    here: Cell


@dataclass(frozen=True, slots=True)
class VariantLine:
    """One variant: what is assumed, how many offers, what the best combinations pay, and what differs from now."""

    key: str
    name: dict[str, str]
    day: str
    changes: list[dict[str, Any]]
    eligible: int
    possible: int
    best_now: str
    best_possible: str
    differences: list[Difference]


def variants_of(report: Mapping[str, Any]) -> list[VariantLine]:
    """The variants in their order, the present first; none in reports without a comparison."""
    plain = report.get("comparison")
    if plain is None or len(plain["variants"]) < 2:
        return []
    first = plain["variants"][0]["key"]
    return [_line(variant, first, plain["differences"]) for variant in plain["variants"]]


def _line(variant: Mapping[str, Any], first: str, differences: list[dict[str, Any]]) -> VariantLine:
    key, counts = variant["key"], variant["counts"]
    return VariantLine(
        key=key,
        name=variant["name"],
        day=variant["day"],
        changes=variant["changes"],
        eligible=counts.get("eligible", 0),
        possible=sum(counts.get(group, 0) for group in ("needs_review", "undetermined", "not_modelled")),
        best_now=_together(variant["combination"]["now"]),
        best_possible=_together(variant["combination"]["possible"]),
        differences=[
            Difference(offer["title"], cell_of(offer["cells"][first]), cell_of(offer["cells"][key]))
            for offer in differences
            if _reads(offer["cells"][first]) != _reads(offer["cells"][key])
        ],
    )


def _together(combination: Mapping[str, Any]) -> str:
    return money.total_in_short(money.from_low_to_high(combination)) if combination["candidates"] else "—"


def _reads(cell: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a person sees of a cell: an ended edition has ended, whatever its criteria come to."""
    return cell["group"], cell["amount"]


def cell_of(plain: Mapping[str, Any]) -> Cell:
    """The cell of a plain `{"group", "amount"}`; the amount is None where the company cannot get the offer."""
    amount = plain["amount"]
    return Cell(words.GROUPS[plain["group"]], "" if amount is None else money.amount_in_short(amount))

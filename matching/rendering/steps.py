"""What is one step away: offers for which a single change or answer is enough."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from matching.rendering import money, words
from matching.rendering.anchors import anchor_of
from matching.rendering.words import Mark


@dataclass(frozen=True, slots=True)
class Step:
    """One offer with the one change it takes, and what it is then."""

    offer: dict[str, Any]
    change: dict[str, Any]
    then: Mark
    amount: str

    @property
    def anchor(self) -> str:
        """The place of the offer on the page."""
        return anchor_of(self.offer["id"])


def steps_of(offers: Iterable[dict[str, Any]]) -> list[Step]:
    """The offers with a way of one change: what is then certain first, then the highest known amount, then what only
    has to be found out."""
    found = []
    for offer in offers:
        for route in (offer.get("route") or {}).get("routes", []):
            if len(route["changes"]) == 1:
                (change,) = route["changes"]
                shown = money.amount_in_short(offer["amount"])
                found.append(((route["result"] != "eligible", *_weight(offer, change)), offer, change, route, shown))
                break
    found.sort(key=lambda one: one[0])
    return [Step(offer, change, words.GROUPS[route["result"]], shown) for _, offer, change, route, shown in found]


def _weight(offer: Mapping[str, Any], change: Mapping[str, Any]) -> tuple[Any, ...]:
    amount = offer["amount"]
    known = amount["high"] if amount["high"] is not None else amount["low"]
    return -Decimal(known or 0), change["kind"] != "find_out", offer["id"]

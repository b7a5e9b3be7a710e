"""The amounts of the open offers as bars on one scale of powers of ten; what has no known amount is counted, not drawn as 0."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import log10
from typing import Any

from matching.rendering import money
from matching.rendering.anchors import anchor_of

SMALLEST = 10_000
# To a hundred million CNY, or to ten billion where an amount is above that.
_SCALES = (4, 6)


@dataclass(frozen=True, slots=True)
class Bar:
    """Where an amount's range lies on the scale, in hundredths of its width; an open end is not known."""

    start: float
    width: float
    low_open: bool
    high_open: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One offer's amount."""

    offer: dict[str, Any]
    anchor: str
    amount: str
    bar: Bar


@dataclass(frozen=True, slots=True)
class Chart:
    """The lines, the highest first, the scale's words from left to right, and how many offers have no amount to draw."""

    lines: list[Line]
    ticks: list[tuple[float, str, str]]
    to_confirm: int
    depends: int
    in_kind: int


def chart_of(offers: Iterable[dict[str, Any]]) -> Chart:
    """The chart of these offers."""
    listed = list(offers)
    priced = [offer for offer in listed if _most(offer) is not None]
    highest = max((_most(offer) or Decimal(0) for offer in priced), default=Decimal(0))
    steps = next((steps for steps in _SCALES if highest <= SMALLEST * 10**steps), _SCALES[-1])
    lines = [
        Line(
            offer, anchor_of(offer["id"]), money.amount_in_short(offer["amount"]),
            bar_of(offer["amount"]["low"], offer["amount"]["high"], steps),
        )
        for offer in sorted(priced, key=lambda offer: (-(_most(offer) or 0), offer["id"]))
    ]  # fmt: skip
    rest = [offer["amount"] for offer in listed if _most(offer) is None]
    in_kind = sum(1 for amount in rest if amount["status"] == "in_kind")
    depends = sum(1 for amount in rest if amount["missing"] or amount["status"] == "unanswered")
    return Chart(lines, _ticks(steps), len(rest) - in_kind - depends, depends, in_kind)


def bar_of(low: str | None, high: str | None, steps: int) -> Bar:
    """The bar of an amount of which at least one end is known."""
    start = _place(low, steps) if low is not None else 0.0
    end = _place(high, steps) if high is not None else 100.0
    # A single amount would have no width and could not be seen.
    return Bar(min(start, 98.5), max(round(end - start, 1), 1.5), low is None, high is None)


def _most(offer: dict[str, Any]) -> Decimal | None:
    amount = offer["amount"]
    known = amount["high"] if amount["high"] is not None else amount["low"]
    return None if known is None else Decimal(known)


def _place(amount: str, steps: int) -> float:
    value = float(Decimal(amount))
    if value <= SMALLEST:
        return 0.0
    return round(min(log10(value / SMALLEST) / steps, 1.0) * 100, 1)


def _ticks(steps: int) -> list[tuple[float, str, str]]:
    sides = ((0, "start"), (50, "middle"), (100, "end"))
    return [(float(at), money.money(str(SMALLEST * 10 ** (steps * at // 100))), side) for at, side in sides]

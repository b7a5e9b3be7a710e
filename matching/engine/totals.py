"""What a list of offers may be worth together, said honestly: an unknown amount is counted, never added as 0."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

NATURES = ("cash", "tax_saving")


def total_worth(amounts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The sum of the known low and high ends, and how many amounts it leaves out.

    `low` and `high` are money as text, or None when not one amount has that end. `low_open` /
    `high_open` say that at least one counted offer has no known low / high end, so the true sum may be more.
    Before stacking rules: offers that exclude or cap each other are all in it.
    """
    listed = list(amounts)
    priced = [amount for amount in listed if amount["low"] is not None or amount["high"] is not None]
    return {
        "offers": len(listed),
        "priced": len(priced),
        "to_confirm": sum(1 for amount in listed if amount["status"] == "to_confirm"),
        "in_kind": sum(1 for amount in listed if amount["status"] == "in_kind"),
        "low": _sum(amount["low"] for amount in priced),
        "high": _sum(amount["high"] for amount in priced),
        "low_open": any(amount["low"] is None for amount in priced),
        "high_open": any(amount["high"] is None for amount in priced),
    }


def worth_by_nature(amounts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """All amounts together, and cash and estimated tax savings apart: they are not the same money."""
    listed = list(amounts)
    return {
        "all": total_worth(listed),
        **{nature: total_worth(a for a in listed if a["nature"] == nature) for nature in NATURES},
    }


def _sum(ends: Iterable[str | None]) -> str | None:
    known = [Decimal(end) for end in ends if end is not None]
    return f"{sum(known, Decimal(0)):.2f}" if known else None

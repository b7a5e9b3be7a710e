"""Money and ranges of money as a person reads them, in the active language."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies.facts.showing import show_money


def money(amount: str) -> str:
    """Money given as text ("1200000.00"): "CNY 1.2 million" or "120万元". Exact: nothing is rounded away."""
    return show_money(Decimal(amount)).said(get_language())


def money_range(low: str | None, high: str | None) -> str:
    """The range in words: exact, from–to, up to, at least; an unknown range is never shown as 0."""
    if low is not None and high is not None:
        if Decimal(low) == Decimal(high):
            return money(high)
        if Decimal(low) == 0:
            return _("up to %(high)s") % {"high": money(high)}
        return _("%(low)s to %(high)s") % {"low": money(low), "high": money(high)}
    if high is not None:
        return _("up to %(high)s") % {"high": money(high)}
    if low is not None:
        return _("at least %(low)s") % {"low": money(low)}
    return _("not known")


def amount_in_short(amount: Mapping[str, Any]) -> str:
    """One offer's amount for a heading; "to be confirmed" only where it is the document that does not say it."""
    if amount["status"] == "withheld":
        return ""
    if amount["status"] == "in_kind":
        return _("in kind")
    if amount["status"] == "unanswered":
        return _("depends on answers")
    if amount["status"] == "to_confirm" or (amount["low"] is None and amount["high"] is None):
        return _("depends on your answers") if amount["missing"] else _("amount to be confirmed")
    return money_range(amount["low"], amount["high"])


def total_in_short(total: Mapping[str, Any]) -> str:
    """A sum of amounts: the known part, and "or more" where an upper end is open."""
    if total["low"] is None and total["high"] is None:
        return _("in kind") if total["offers"] and total["in_kind"] == total["offers"] else _("not known yet")
    low = total["low"] if not total["low_open"] or total["high"] is None else None
    said = money_range(low, total["high"])
    return _("%(sum)s or more") % {"sum": said} if total["high_open"] else said


def saving_in_short(saving: Mapping[str, Any]) -> str | None:
    """The tax savings in a sum; None where there are none, or nothing is saved for certain."""
    if not saving["priced"] or (saving["high"] is not None and not Decimal(saving["high"])):
        return None
    return total_in_short(saving)


def from_low_to_high(combination: Mapping[str, Any], nature: str | None = None) -> dict[str, Any]:
    """The sum of a combination (or of one nature in it): at the low end of the set that is best there, at the high
    end of the other."""
    low, high = (
        combination[end]["total"] if nature is None else combination[end]["by_nature"][nature]
        for end in ("low", "high")
    )
    priced = max(low["priced"], high["priced"])
    return {**low, "priced": priced, "high": high["high"], "high_open": high["high_open"]}

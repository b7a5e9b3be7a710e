"""The parts of a report that one reader is shown, so that the page, the files and a shared link are made from the same report."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Parts:
    """What a reader sees besides the first lines, which always say whom and which day it is for, and how many offers
    have which verdict."""

    offers: bool = True
    """The offers one by one: criteria and whether each holds, papers, windows, dates, and what goes together."""
    amounts: bool = True
    """What the offers pay, together and each."""
    own: bool = True
    """The company's answers, and what only follows from them: its value at each criterion, what is missing, what it
    would take, the company compared with itself elsewhere."""


EVERYTHING = Parts()


def parts_of(report: Mapping[str, Any]) -> Parts:
    """The parts that are in this report."""
    return Parts(**report.get("parts", {}))


def only(report: dict[str, Any], parts: Parts) -> dict[str, Any]:
    """The report with these parts alone, for `outline_of` and every form; the report itself when that is all of it.

    What a reader is not shown is taken out of the data, so no template can let it slip. With amounts and without the
    company's own answers, a reader may still conclude from an amount on the figure it is a share of.
    """
    if parts == EVERYTHING:
        return report
    left = {**report, "parts": asdict(parts)}
    if not parts.own:
        left = _without_own(left)
    if not parts.amounts:
        left = _without_amounts(left)
    if not parts.offers:
        left = _without_offers(left)
    return left


def _without_own(report: dict[str, Any]) -> dict[str, Any]:
    left = {key: part for key, part in report.items() if key != "validity"}
    return {
        **left,
        "profile": {**report["profile"], "digest": None},
        "offers": [_offer_without_own(offer) for offer in report["offers"]],
        "comparison": None,
        "missing": [],
        "combination": _each_scope(report, lambda scope: {**scope, "depends_on": []}),
    }


def _offer_without_own(offer: Mapping[str, Any]) -> dict[str, Any]:
    amount = offer["amount"]
    # Else “to be confirmed” would be said of an amount that the document does state.
    status = "unanswered" if amount["missing"] and amount["status"] == "to_confirm" else amount["status"]
    return {
        **offer,
        "finding": None if offer["finding"] is None else _finding_without_own(offer["finding"]),
        **{key: [_finding_without_own(one) for one in offer[key]] for key in ("reasons", "judged", "not_modelled")},
        "missing": [],
        "route": None,
        "amount": {**amount, "status": status, "missing": []},
    }


def _finding_without_own(finding: Mapping[str, Any]) -> dict[str, Any]:
    children = [_finding_without_own(child) for child in finding["children"]]
    return {**finding, "actual": None, "facts": [], "missing": [], "children": children}


def _without_amounts(report: dict[str, Any]) -> dict[str, Any]:
    place = {offer["id"]: at for at, offer in enumerate(report["offers"])}
    return {
        **report,
        "summary": {**report["summary"], "worth": None},
        "offers": [{**offer, "amount": _withheld(offer["amount"])} for offer in report["offers"]],
        # The highest amount stands first in a report; here that would tell it.
        "groups": [{**group, "offers": sorted(group["offers"], key=place.__getitem__)} for group in report["groups"]],
        "missing": sorted(
            ({**fact, "stake": None} for fact in report["missing"]),
            key=lambda fact: (-len(fact["verdicts"]), fact["fact"]),
        ),
        "comparison": None,
        "combination": None,
    }


def _withheld(amount: Mapping[str, Any]) -> dict[str, Any]:
    """The formula is the document's own and stays; what it comes to does not."""
    if amount["status"] == "in_kind":
        return dict(amount)
    return {**amount, "status": "withheld", "low": None, "high": None, "missing": [], "instalments": []}


def _without_offers(report: dict[str, Any]) -> dict[str, Any]:
    left = {key: part for key, part in report.items() if key != "validity"}
    return {
        **left,
        "summary": {**report["summary"], "due": []},
        "groups": [],
        "offers": [],
        "policies": {},
        "papers": {},
        "comparison": None,
        "missing": [],
        "combination": _each_scope(report, _totals_alone),
    }


def _each_scope(
    report: Mapping[str, Any], change: Callable[[Mapping[str, Any]], dict[str, Any]]
) -> dict[str, Any] | None:
    combination = report.get("combination")
    if combination is None:
        return None
    return {key: change(scope) for key, scope in combination.items()}


def _totals_alone(scope: Mapping[str, Any]) -> dict[str, Any]:
    """What goes together as sums and as a number of offers, which are not named."""
    ends = {
        end: {**scope[end], "together": len(scope[end]["offers"]), "offers": [], "caps": [], "by_year": []}
        for end in ("low", "high")
    }
    return {
        **scope, **ends, "runner_up": None, "left_out": [], "depends_on": [], "stated": [], "notes": [],
    }  # fmt: skip

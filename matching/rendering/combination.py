"""The best combination for reading: what goes together, what it pays, what was left out and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matching.rendering import money
from matching.rendering.anchors import anchor_of
from matching.rendering.words import said

SCOPES: dict[str, tuple[str | Promise, str | Promise]] = {
    "now": (
        gettext_lazy("Best combination now"),
        gettext_lazy("Of the offers you are eligible for, those that may be had together and pay most."),
    ),
    "possible": (
        gettext_lazy("Best combination of all that is still possible"),
        gettext_lazy("If everything that nothing rules out yet came true: your aim, not a promise."),
    ),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """One offer of a combination."""

    offer: dict[str, Any]
    amount: str
    low: str | None
    high: str | None
    """What is counted of it, over all its years and before caps."""
    capped: bool
    most: Decimal | None
    """The highest known end of the amount; None while nothing is known of it."""

    @property
    def anchor(self) -> str:
        """The place of the offer on the page."""
        return anchor_of(self.offer["id"])


@dataclass(frozen=True, slots=True)
class ChosenSet:
    """Offers that may be had together, and what they come to after caps."""

    heading: str | Promise
    total: str
    tax_saving: str | None
    to_confirm: int
    in_kind: int
    priced: list[Chosen]
    """The highest first."""
    unpriced: list[Chosen]
    """In kind, to be confirmed, or waiting for an answer: they go together with the others and are in no sum."""
    caps: list[dict[str, str]]
    years: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Combination:
    """One scope's combination in reading order."""

    key: str
    title: str | Promise
    meaning: str | Promise
    candidates: int
    proven: bool
    total: str
    low: str | None
    high: str | None
    """The ends of the total, as money in text; an end that is None is not known."""
    tax_saving: str | None
    to_confirm: int
    in_kind: int
    together: int
    """How many offers go together, where amounts come out high."""
    sets: list[ChosenSet]
    runner_up: str | None
    left_out: list[dict[str, str]]
    depends_on: list[dict[str, str]]
    stated: list[dict[str, Any]]
    notes: list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Role:
    """What became of one offer in a combination: it belongs to it, or this is why it was left out."""

    scope: str | Promise
    chosen: bool
    left_out: list[dict[str, str]]


def roles_of(report: Mapping[str, Any]) -> dict[str, Role]:
    """The part of each candidate in the best combination now, or else in that of all that is still possible."""
    roles: dict[str, Role] = {}
    for scope, (title, _meaning) in reversed(SCOPES.items()):
        one = (report.get("combination") or {}).get(scope)
        if one is None:
            continue
        for entry in one["left_out"]:
            roles[entry["offer"]] = Role(title, False, [entry["said"]])
        for end in ("low", "high"):
            for chosen in one[end]["offers"]:
                before = roles.get(chosen["id"])
                # Left out where amounts come out at one end only: it belongs to it, and the sentence says when not.
                sentences = [] if before is None or before.scope is not title else before.left_out
                roles[chosen["id"]] = Role(title, True, sentences)
    return roles


def combinations_of(report: Mapping[str, Any], offers: Mapping[str, dict[str, Any]]) -> list[Combination]:
    """The combinations worth reading; none in reports of an engine that did not look for them."""
    found = []
    plain = report.get("combination") or {}
    for scope in SCOPES:
        one = plain.get(scope)
        # What is possible says nothing new where nothing else is possible.
        if one is None or not one["candidates"] or (scope == "possible" and one == plain.get("now")):
            continue
        found.append(_combination(scope, one, offers))
    return found


def _combination(scope: str, plain: Mapping[str, Any], offers: Mapping[str, dict[str, Any]]) -> Combination:
    title, meaning = SCOPES[scope]
    low, high = plain["low"], plain["high"]
    total = money.from_low_to_high(plain)
    if plain["same"]:
        sets = [_chosen_set("", low, offers)]
    else:
        sets = [
            _chosen_set(_("If amounts come out low"), low, offers),
            _chosen_set(_("If amounts come out high"), high, offers),
        ]
    return Combination(
        key=scope,
        title=title,
        meaning=meaning,
        candidates=plain["candidates"],
        proven=plain["proven"],
        total=money.total_in_short(total),
        low=total["low"],
        high=total["high"],
        tax_saving=money.saving_in_short(money.from_low_to_high(plain, "tax_saving")),
        to_confirm=high["total"]["to_confirm"],
        in_kind=high["total"]["in_kind"],
        together=high.get("together", len(high["offers"])),
        sets=sets,
        runner_up=_runner_up(plain["runner_up"], offers),
        left_out=[entry["said"] for entry in plain["left_out"]],
        depends_on=[entry["said"] for entry in plain["depends_on"]],
        stated=plain["stated"],
        notes=plain["notes"],
    )


def _chosen_set(heading: str | Promise, plain: Mapping[str, Any], offers: Mapping[str, dict[str, Any]]) -> ChosenSet:
    total, saving = plain["total"], plain["by_nature"]["tax_saving"]
    chosen = [_chosen(one, offers[one["id"]]) for one in plain["offers"]]
    return ChosenSet(
        heading=heading,
        total=money.total_in_short(total),
        tax_saving=money.saving_in_short(saving),
        to_confirm=total["to_confirm"],
        in_kind=total["in_kind"],
        priced=sorted((one for one in chosen if one.most is not None), key=lambda one: (-(one.most or 0), one.anchor)),
        unpriced=[one for one in chosen if one.most is None],
        caps=[cap["said"] for cap in plain["caps"]],
        years=[]
        if len(plain["by_year"] or ()) < 2
        else [
            (year["year"], money.money_range(year["low"], year["high"]))
            for year in plain["by_year"] or ()
            if year["high"] is None or Decimal(year["high"])
        ],
    )


def _chosen(plain: Mapping[str, Any], offer: dict[str, Any]) -> Chosen:
    known = plain["high"] if plain["high"] is not None else plain["low"]
    amount, yearly = money.amount_in_short(offer["amount"]), offer["amount"]
    ends = [(plain[end], yearly[end]) for end in ("low", "high")]
    if any(all_years is not None and one != all_years for all_years, one in ends):
        # The offer is told for a year; the sum above counts every year of it.
        whole = money.money_range(plain["low"], plain["high"])
        amount = _("%(amount)s; over all years: %(sum)s") % {"amount": amount, "sum": whole}
    most = None if known is None else Decimal(known)
    return Chosen(offer, amount, plain["low"], plain["high"], plain["capped"], most)


def _runner_up(plain: Mapping[str, Any] | None, offers: Mapping[str, dict[str, Any]]) -> str | None:
    if plain is None:
        return None
    words = {
        "added": _listed(plain["added"], offers),
        "dropped": _listed(plain["dropped"], offers),
        "less": money.money(plain["less"]),
    }
    if not Decimal(plain["less"]):
        sentence = _("%(added)s instead of %(dropped)s: as much in known amounts.")
    elif plain["open"]:
        sentence = _("%(added)s instead of %(dropped)s: %(less)s less in known amounts; one of them is not priced.")
    elif not plain["added"]:
        sentence = _("without %(dropped)s: %(less)s less.")
    elif not plain["dropped"]:
        sentence = _("also with %(added)s: %(less)s less.")
    else:
        sentence = _("%(added)s instead of %(dropped)s: %(less)s less.")
    proof = "" if plain["proven"] else " " + _("(the next best that was found; there may be a better one)")
    return sentence % words + proof


def _listed(ids: list[str], offers: Mapping[str, dict[str, Any]]) -> str:
    titles = [_("“%(title)s”") % {"title": said(offers[one]["title"])} for one in ids]
    return _(", ").join(titles) if titles else _("nothing")

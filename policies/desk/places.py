"""The parts of a draft as the pages of the editor: their order, their addresses, and the faults that belong to each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from companies.facts import Text
from policies.models import PolicyVersion
from policies.parts import PartPath
from policies.rules.faults import Fault

HEAD = (
    "title", "issuer", "level", "number", "issued", "effective", "status", "superseded_by", "superseded_on", "beneficiary",
    "zones", "goals", "tags_basis", "pillar", "pillar_basis", "text_seen", "checked", "confidence", "sources", "note",
)  # fmt: skip
OFFER = ("title", "kind", "clause", "confidence", "papers", "note")

# The name of the address, what it is called, and where the part is: in the policy, or in each of its offers.
_OF_POLICY: tuple[tuple[str, Any, PartPath], ...] = (
    ("write_head", _("The document"), (HEAD,)),
    ("write_requires", _("What every offer asks"), ("requires",)),
)
_OF_OFFER: tuple[tuple[str, Any, PartPath], ...] = (
    ("write_offer", _("Title, kind, papers"), (OFFER,)),
    ("write_offer_requires", _("What it asks"), ("requires",)),
    ("write_benefit", _("What it gives"), ("benefit",)),
    ("write_stacking", _("Together with others"), ("stacking",)),
    ("write_window", _("When to apply"), ("window",)),
)
_LAST: tuple[tuple[str, Any, PartPath], ...] = (("write_cases", _("Example cases"), ("cases",)),)


@dataclass(frozen=True, slots=True)
class Place:
    """One page of the editor; `offer` is the key and `title` the title of the offer that the part belongs to."""

    name: str
    label: Any
    path: PartPath
    url: str
    offer: str | None = None
    title: Text | None = None


def places_of(version: PolicyVersion) -> list[Place]:
    """The pages of the draft in the order in which one writes them."""
    of_policy, last = ([_place(version, *one) for one in group] for group in (_OF_POLICY, _LAST))
    of_offers = [_place(version, *one, offer) for offer in offers_of(version.content) for one in _OF_OFFER]
    return [place for place in (*of_policy, *of_offers, *last) if place.url]


def place_of(version: PolicyVersion, name: str, offer: str | None) -> Place:
    """The page with this name, also of an offer that is not in the draft any more."""
    for group in (_OF_POLICY, _OF_OFFER, _LAST):
        for one in group:
            if one[0] == name:
                known = (row for row in offers_of(version.content) if row["offer"] == offer)
                return _place(version, *one, next(known, {"offer": offer}) if offer is not None else None)
    raise LookupError(name)


def neighbours(places: list[Place], place: Place) -> tuple[Place | None, Place | None]:
    """The part before this one and the part after it, in the order in which one writes them."""
    if place not in places:
        return None, None
    at = places.index(place)
    return (places[at - 1] if at else None), (places[at + 1] if at + 1 < len(places) else None)


def offers_of(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The offers that have a key, each key once."""
    rows = content.get("offers")
    found: dict[str, Mapping[str, Any]] = {}
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, Mapping) and isinstance(row.get("offer"), str):
            found.setdefault(row["offer"], row)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class PlaceGroup:
    """The pages of one offer, or of the policy itself (no title), each with the number of its faults."""

    offer: str | None
    title: Text | None
    places: list[tuple[Place, int]]

    @property
    def faults(self) -> int:
        """The number of faults in all of them."""
        return sum(count for _place, count in self.places)


def group_places(places: Iterable[Place], content: Mapping[str, Any], faults: list[Fault]) -> list[PlaceGroup]:
    """The pages in groups, in their order."""
    groups: list[PlaceGroup] = []
    for place in places:
        if not groups or groups[-1].offer != place.offer:
            groups.append(PlaceGroup(place.offer, place.title, []))
        groups[-1].places.append((place, len(faults_within(place, content, faults))))
    return groups


def faults_within(place: Place, content: Mapping[str, Any], faults: Iterable[Fault]) -> list[Fault]:
    """The faults of this part, with paths that begin at the part."""
    start = _start(place, content)
    rests = ((fault, _rest(fault, start)) for fault in faults)
    return [Fault(rest, fault.message, fault.code, fault.suggestion) for fault, rest in rests if rest is not None]


def faults_elsewhere(places: Iterable[Place], content: Mapping[str, Any], faults: Iterable[Fault]) -> list[Fault]:
    """The faults that belong to none of these parts."""
    starts = [_start(place, content) for place in places]
    return [fault for fault in faults if all(_rest(fault, start) is None for start in starts)]


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a part begins in the content, with offers by their position; and its names where there are several."""

    path: tuple[str | int, ...]
    names: tuple[str, ...] | None


def _rest(fault: Fault, start: _Start | None) -> tuple[str | int, ...] | None:
    if start is None or fault.path[: len(start.path)] != start.path:
        return None
    rest = fault.path[len(start.path) :]
    if start.names is None or (rest and rest[0] in start.names):
        return rest
    return None


def _start(place: Place, content: Mapping[str, Any]) -> _Start | None:
    steps: list[str | int] = []
    at: Any = content
    for step in place.path:
        if isinstance(step, tuple):
            return _Start(tuple(steps), step)
        if isinstance(at, list):
            there = (n for n, row in enumerate(at) if isinstance(row, Mapping) and row.get("offer") == step)
            position = next(there, None)
            if position is None:
                return None
            steps.append(position)
            at = at[position]
        else:
            steps.append(step)
            at = at.get(step) if isinstance(at, Mapping) else None
    return _Start(tuple(steps), None)


def _place(
    version: PolicyVersion, name: str, label: Any, path: PartPath, offer: Mapping[str, Any] | None = None
) -> Place:
    if offer is None:
        return Place(name, label, path, _url(version, name))
    key = offer["offer"]
    title = offer.get("title")
    said = {word: title.get(word) if isinstance(title, Mapping) else None for word in ("en", "zh")}
    text = Text(*(said[word] if isinstance(said[word], str) and said[word] else key for word in ("en", "zh")))
    return Place(name, label, ("offers", key, *path), _url(version, name, key), key, text)


def _url(version: PolicyVersion, name: str, *more: str) -> str:
    """The address; empty where a key from a file cannot be part of one."""
    try:
        return reverse(f"desk:{name}", args=[version.policy.key, version.number, *more])
    except NoReverseMatch:
        return ""

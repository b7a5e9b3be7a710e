"""The same thing said twice: in two documents, or by an offer that another one always beats."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from policies.lint.health.catalogue import Catalogue, OfferPlace
from policies.rules.amounts import amount_of
from policies.rules.benefit_files import write_benefit
from policies.rules.book import snapshot_digest
from policies.rules.narrowing import Assumed
from policies.rules.requirement_files import write_requirement
from policies.rules.requirements import All, Requirement
from policies.rules.truth import Truth

_MARKS = ("clause", "confidence", "source", "note", "says", "assumption")
_PAID = ("exact", "range")


def check_doubles(catalogue: Catalogue) -> None:
    """Documents and offers that are there twice, and offers in the shadow of another."""
    _check_documents(catalogue)
    _check_offers(catalogue)
    _check_clauses(catalogue)
    _check_shadows(catalogue)


def _check_documents(catalogue: Catalogue) -> None:
    by_number: dict[str, list[str]] = defaultdict(list)
    for policy, _sheet in catalogue.running():
        if policy.number:
            by_number["".join(policy.number.split())].append(policy.key)
    for keys in by_number.values():
        for first, other in combinations(sorted(keys), 2):
            policy, sheet = catalogue.policies[other]
            en, zh = f"“{first}” has the same number {policy.number}", f"“{first}”的文号相同：{policy.number}"
            catalogue.add(sheet, ("number",), "document-twice", en, zh)


def _check_offers(catalogue: Catalogue) -> None:
    same: dict[str, list[OfferPlace]] = defaultdict(list)
    for place in catalogue.in_force.values():
        if place.offer.expressions:
            same[_meaning(place)].append(place)
    for places in same.values():
        for first, other in _across(places):
            en = f"asks and gives the same as “{first.offer.id}” of another document"
            zh = f"条件和支持内容与另一文件的“{first.offer.id}”完全相同"
            catalogue.add(other.sheet, other.path, "offer-twice", en, zh)


def _check_clauses(catalogue: Catalogue) -> None:
    same: dict[tuple[str, str], list[OfferPlace]] = defaultdict(list)
    for place in catalogue.in_force.values():
        document = place.policy.number or (place.policy.sources[0] if len(place.policy.sources) == 1 else None)
        if document and place.offer.clause:
            same["".join(document.split()), " ".join(place.offer.clause.split()).casefold()].append(place)
    for (document, _clause), places in same.items():
        for first, other in _across(places):
            en = f"“{first.offer.id}” stands for the same clause of the same document ({document})"
            zh = f"“{first.offer.id}”对应同一文件的同一条款（{document}）"
            catalogue.add(other.sheet, other.path, "clause-twice", en, zh)


def _across(places: list[OfferPlace]) -> Iterator[tuple[OfferPlace, OfferPlace]]:
    """The first place with each other one in another document."""
    ordered = sorted(places, key=lambda place: place.offer.id)
    first = ordered[0]
    return ((first, other) for other in ordered[1:] if other.policy.key != first.policy.key)


def _meaning(place: OfferPlace) -> str:
    requires = _bare(write_requirement(place.offer.requires))
    return snapshot_digest({"requires": requires, "benefit": _bare(write_benefit(place.offer.benefit))})


def _bare(plain: Any) -> Any:
    """What a rule says without where it comes from."""
    if isinstance(plain, Mapping):
        return {key: _bare(item) for key, item in plain.items() if key not in _MARKS}
    return [_bare(item) for item in plain] if isinstance(plain, list) else plain


def _check_shadows(catalogue: Catalogue) -> None:
    """Of two offers of which one may have only the better one, the one that is never the better one."""
    nobody = Assumed(catalogue.vocabulary, catalogue.day)
    for one, other in _rivals(catalogue):
        for loser, winner in ((one, other), (other, one)):
            if _is_shadowed(catalogue, nobody, loser, winner):
                en = f"whoever meets it gets at least as much from “{winner.offer.id}”, and only one of the two"
                zh = f"符合本事项的企业总能从“{winner.offer.id}”获得不少于此的支持，且二者只能择一"
                catalogue.add(loser.sheet, loser.path, "offer-shadowed", en, zh)
                break


def _rivals(catalogue: Catalogue) -> Iterator[tuple[OfferPlace, OfferPlace]]:
    groups: dict[str, list[str]] = defaultdict(list)
    pairs: set[tuple[str, str]] = set()
    for key, place in catalogue.in_force.items():
        for rule in place.offer.stacking:
            if rule.form == "highest_only":
                groups[rule.names[0]].append(key)
            elif rule.form == "excludes":
                pairs |= {(min(key, name), max(key, name)) for name in rule.names if name in catalogue.in_force}
    for keys in groups.values():
        pairs |= set(combinations(sorted(set(keys)), 2))
    return ((catalogue.in_force[one], catalogue.in_force[other]) for one, other in sorted(pairs) if one != other)


def _is_shadowed(catalogue: Catalogue, nobody: Assumed, loser: OfferPlace, winner: OfferPlace) -> bool:
    if loser.offer.window != winner.offer.window:
        return False
    low = amount_of(winner.offer.benefit, catalogue.nobody, winner.offer.kind)
    high = amount_of(loser.offer.benefit, catalogue.nobody, loser.offer.kind)
    if (
        low.status not in _PAID
        or high.status not in (*_PAID, "up_to")
        or low.nature != high.nature
        or low.per != high.per
    ):
        return False
    if low.low is None or high.high is None or low.low < high.high:
        return False
    given = nobody.assume([loser.offer.requires])
    asked = {snapshot_digest(_bare(write_requirement(part))) for part in _conjuncts(loser.offer.requires)}
    return not given.is_empty and all(
        snapshot_digest(_bare(write_requirement(part))) in asked or given.truth_of(part) is Truth.YES
        for part in _conjuncts(winner.offer.requires)
    )


def _conjuncts(node: Requirement) -> list[Requirement]:
    return [one for part in node.of for one in _conjuncts(part)] if isinstance(node, All) else [node]

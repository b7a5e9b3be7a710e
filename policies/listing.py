"""The policies of a release as a list that people search and filter; made once a release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from companies.facts import Text
from policies.rules import parse_expression
from policies.rules.book import Rulebook
from policies.rules.expressions import Among, FactNamed, Has, walk
from policies.rules.faults import RuleFault


@dataclass(frozen=True, slots=True)
class Entry:
    """One policy in the list."""

    key: str
    title: Text
    issuer: Text
    level: str
    status: str
    confidence: str
    effective_to: str
    zones: frozenset[str]
    tags_basis: str
    pillar: str
    pillar_basis: str
    sectors: frozenset[str]
    kinds: frozenset[str]
    offer_count: int


@lru_cache(maxsize=4)
def listing(book: Rulebook) -> tuple[Entry, ...]:
    """Every policy of the release, in order of key."""
    return tuple(_entry(book, plain) for _key, plain in sorted(book.plain.items()))


@lru_cache(maxsize=4)
def offer_sectors(book: Rulebook) -> Mapping[str, frozenset[str]]:
    """The sectors that the criteria of each offer name, its policy's included, by the offer's id."""
    return {
        f"{key}/{offer['offer']}": frozenset(_sectors(book, [plain.get("requires"), offer.get("requires")]))
        for key, plain in book.plain.items()
        for offer in plain.get("offers") or []
    }


def _entry(book: Rulebook, plain: Mapping[str, Any]) -> Entry:
    offers = plain.get("offers") or []
    title, issuer = plain["title"], plain.get("issuer") or {"en": "", "zh": ""}
    return Entry(
        key=plain["policy"],
        title=Text(title["en"], title["zh"]),
        issuer=Text(issuer["en"], issuer["zh"]),
        level=plain["level"],
        status=plain["status"],
        confidence=plain.get("confidence") or "",
        effective_to=(plain.get("effective") or {}).get("to") or "",
        zones=frozenset(plain.get("zones") or ()),
        tags_basis=plain.get("tags_basis") or "",
        pillar=plain.get("pillar") or "",
        pillar_basis=plain.get("pillar_basis") or "",
        sectors=frozenset(_sectors(book, [plain.get("requires"), *(offer.get("requires") for offer in offers)])),
        kinds=frozenset(offer["kind"] for offer in offers if offer.get("kind")),
        offer_count=len(offers),
    )


def _sectors(book: Rulebook, trees: list[Any]) -> Iterable[str]:
    """The sectors that the criteria name."""
    waiting = list(trees)
    while waiting:
        here = waiting.pop()
        if isinstance(here, list):
            waiting.extend(here)
        elif isinstance(here, dict):
            waiting.extend(item for item in here.values() if isinstance(item, dict | list))
            if isinstance(here.get("when"), str):
                yield from _named(book, here["when"])


def _named(book: Rulebook, text: str) -> Iterable[str]:
    try:
        expression = parse_expression(text, book.vocabulary)
    except RuleFault:  # a release reads without faults; this keeps a page up if a later reader is stricter
        return
    for node in walk(expression):
        match node:
            case Has(key, FactNamed("sectors"), False):
                yield key
            case Among(FactNamed("sectors"), keys, False):
                yield from keys

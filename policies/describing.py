"""What a policy says, ready for a page: its offers in sentences, and the labels of its keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from companies.facts import Profile, Text
from policies.filters import standing_of
from policies.rules import Situation, evaluate_offer, say_clause, window_on
from policies.rules.book import Rulebook
from policies.rules.differences.words import Words


def describe(book: Rulebook, key: str, day: date) -> Mapping[str, Any]:
    """The policy with this key, as the template `policies/_policy.html` shows it."""
    policy, plain = book.policy(key), book.plain[key]
    assert policy is not None, key
    # Evaluated for nobody: with nothing known, the finding is the requirement itself in sentences.
    nobody = Situation(book.vocabulary, Profile({}), day)
    words = Words(book.vocabulary, book.lists)
    offers = [
        {
            "plain": offer_plain,
            "finding": evaluate_offer(offer, nobody),
            "clause": say_clause(offer.clause),
            "window": window_on(offer.window, day),
            "kind": book.label("benefit_kinds", offer_plain.get("kind")),
            "papers": [book.label("papers", paper) for paper in offer_plain.get("papers") or []],
            "together": _together(book, offer_plain.get("stacking") or [], words),
        }
        for offer, offer_plain in zip(policy.offers, plain.get("offers") or [], strict=True)
    ]
    return {
        "plain": plain,
        "offers": offers,
        "level": book.label("levels", plain["level"]),
        "pillar": book.label("pillars", plain.get("pillar")),
        "zones": [book.label("zones", zone) for zone in plain.get("zones") or []],
        "goals": [book.label("goals", goal) for goal in plain.get("goals") or []],
        "standing": standing_of(policy, day),
        "successor": book.plain.get(plain.get("superseded_by") or ""),
    }


def _together(book: Rulebook, rules: Sequence[Mapping[str, Any]], words: Words) -> list[Mapping[str, Any]]:
    """How an offer goes together with others, a sentence a rule, with its clause; other offers by their titles."""
    found = []
    for plain in rules:
        said = words.stacking(plain)
        for name in (*(plain.get("needs") or ()), *(plain.get("excludes") or ())):
            other = book.offer(name)
            if other is not None:
                en, zh = f"“{other.title.en}”", f"“{other.title.zh}”"
                said = Text(said.en.replace(name, en), said.zh.replace(name, zh))
        found.append({"said": said, "clause": say_clause(plain.get("clause")), "note": plain.get("note")})
    return found

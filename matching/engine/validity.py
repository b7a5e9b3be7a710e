"""How long the certificates and titles of a company are valid, and which offers count on them."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from companies.facts import Certificate, Fact, Kind, Profile, Vocabulary
from policies.rules import OfferText
from policies.rules.expressions import Holds, walk


def validity_days(
    profile: Profile, vocabulary: Vocabulary, offers: Iterable[OfferText], day: date
) -> list[dict[str, Any]]:
    """One entry for each certificate held whose last day is known and has not passed, the nearest first.

    Each: fact, kind, label, issued, expires, and the `offers` among those given that ask for one of its kind.
    """
    wanted: dict[tuple[str, str], list[str]] = {}
    for offer in offers:
        for name, kind in dict.fromkeys(_asked(offer)):
            wanted.setdefault((name, kind), []).append(offer.id)
    entries = []
    for fact, held in _held(profile, vocabulary):
        if held.expires is None or held.expires < day:
            continue
        choice = fact.choice(held.kind)
        entries.append(
            {
                "fact": fact.name,
                "kind": held.kind,
                "label": {"en": held.kind, "zh": held.kind} if choice is None else choice.label.to_plain(),
                "issued": None if held.issued is None else held.issued.isoformat(),
                "expires": held.expires.isoformat(),
                "offers": wanted.get((fact.name, held.kind), []),
            }
        )
    return sorted(entries, key=lambda entry: (entry["expires"], entry["fact"], entry["kind"]))


def _asked(offer: OfferText) -> Iterable[tuple[str, str]]:
    for expression in offer.expressions:
        for node in walk(expression):
            if isinstance(node, Holds):
                yield from ((node.fact.name, kind) for kind in node.kinds)


def _held(profile: Profile, vocabulary: Vocabulary) -> Iterable[tuple[Fact, Certificate]]:
    for fact in vocabulary.asked:
        answer = profile.get(fact.name)
        if fact.kind is Kind.CERTIFICATES and answer is not None and isinstance(answer.value, frozenset | tuple):
            yield from ((fact, held) for held in answer.value if isinstance(held, Certificate))

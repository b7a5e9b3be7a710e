"""Which missing facts matter, ranked by how many offers they can help to settle."""

from collections.abc import Iterable, Mapping
from typing import Any

from companies.facts import Vocabulary


def missing_facts(offers: Iterable[Mapping[str, Any]], vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """The missing facts across these offers, those that touch most offers first.

    Each: fact, label, question, section, effort, papers, `verdicts` (offers whose verdict it can still
    change), `alone` (of these, offers that miss nothing else), `amounts` (offers whose amount it makes known).
    """
    verdicts: dict[str, list[str]] = {}
    alone: dict[str, list[str]] = {}
    amounts: dict[str, list[str]] = {}
    for offer in offers:
        for name in offer["missing"]:
            verdicts.setdefault(name, []).append(offer["id"])
        if len(offer["missing"]) == 1:
            alone.setdefault(offer["missing"][0], []).append(offer["id"])
        for name in offer["amount"]["missing"]:
            amounts.setdefault(name, []).append(offer["id"])
    order = {fact.name: place for place, fact in enumerate(vocabulary)}
    names = sorted(
        verdicts.keys() | amounts.keys(),
        key=lambda name: (
            -len(verdicts.get(name, ())),
            -len(alone.get(name, ())),
            -len(amounts.get(name, ())),
            order.get(name, len(order)),
        ),
    )
    return [
        {
            **_described(name, vocabulary),
            "verdicts": verdicts.get(name, []),
            "alone": alone.get(name, []),
            "amounts": amounts.get(name, []),
        }
        for name in names
    ]


def _described(name: str, vocabulary: Vocabulary) -> dict[str, Any]:
    fact = vocabulary.get(name)
    if fact is None:
        return {"fact": name, "label": {"en": name, "zh": name}, "question": None, "section": None}
    return {
        "fact": name,
        "label": {"en": fact.label.en, "zh": fact.label.zh},
        "question": None if fact.question is None else {"en": fact.question.en, "zh": fact.question.zh},
        "section": fact.section,
        "effort": str(fact.effort),
        "papers": list(fact.papers),
    }
